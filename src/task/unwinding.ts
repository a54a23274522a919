/**
 * How a generator is unwound: its `finally` blocks run, with every Task that they yield, and no `catch` block
 * and no code after them.
 *
 * `return` of a generator does that, with one trap: a generator that delegates to another (`yield*` of a
 * generator object) forgets that it was returning when the other one yields in a `finally`, and runs on once
 * that has ended. So each generator is told to return by itself, the innermost first; the one around it then
 * finds that what it delegates to has ended, and returns as well.
 *
 * The innermost generator is found by asking: `return` of the prototype that all generators share is replaced
 * for the length of the call, and a generator that delegates calls the replacement on what it delegates to,
 * before any code of the program runs.
 */

import { answer, Node } from '../core/node.js'
import { delegated, resumed, Sentinel } from '../core/yieldable.js'
import { expected } from '../data/check-input.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { causeOf, dieNode } from '../runtime/failure-nodes.js'
import { type Caught, failureOf } from './caught.js'

export type Instance = Generator<unknown, unknown, unknown>

/** Safe because that is what the host's generators inherit from. */
const prototypeOf = (maker: () => Generator): Instance => Object.getPrototypeOf(maker.prototype) as Instance

/** What all generators inherit from. */
export const prototype: Instance = /* @__PURE__ */ prototypeOf(function* () {})

/** Cleanup of more Tasks than this is taken for a loop that never ends. */
const mostTasks = 100_000

const wentOn = (): Error =>
  new Error(
    'Task.gen: the generator ran on while it was unwound. ' +
      'Leave no `finally` by return, break or continue, and wrap in Task.gen what it delegates to'
  )

const enum UnwindingStep {
  /** Goes on behind the Task that has ended. */
  Next,
  /** Returns. */
  Return,
  /** Returns, having waited for the end of the generator to which it delegates. */
  ReturnBehind
}

/**
 * One generator, with those to which it delegates, while it is unwound; and the value that each of them is
 * told to return.
 */
export class Unwinding extends Sentinel {
  /**
   * The outermost first. Each waits at the `yield*` of the next one, but for the last, which runs its
   * `finally` blocks.
   */
  private readonly generators: Array<Instance>
  /** Whether the last generator waits at a bare `yield`. */
  private isBare = false
  /** How many Tasks have been yielded, */
  private tasks = 0
  /** and how many of them since the last generator was told to return. */
  private since = 0

  constructor(
    generator: Instance,
    /** The fiber's flags before it. */
    readonly flags: number,
    /** Why the generator is unwound; what goes wrong meanwhile is added. */
    public cause: Cause<unknown>,
    private readonly caught: Caught | undefined
  ) {
    super(() => undefined)
    this.generators = [generator]
  }

  /** The first Task of a `finally` block; undefined where the generator has ended. */
  begin(): Node | undefined {
    return this.advance(UnwindingStep.Return, undefined)
  }

  /** The next Task, once one has ended. A failure ends the `finally` block, and no other block sees it. */
  goOn(failure: Node | undefined, value: unknown): Node | undefined {
    if (failure === undefined) return this.advance(UnwindingStep.Next, value)
    this.add(causeOf(failure))
    return this.advance(UnwindingStep.Return, undefined)
  }

  private add(cause: Cause<unknown>): void {
    this.cause = Reasons.combine(this.cause, cause)
  }

  private advance(first: UnwindingStep, value: unknown): Node | undefined {
    let step = first
    while (this.generators.length > 0) {
      try {
        const result = this.take(step, value)
        if (result.done !== true) return this.taskOf(result)
        // A `return` in a `finally` is harmless where nothing else has run, and cannot be told from code
        // behind the block where it has.
        if (result.value !== this && this.since > 0) this.add(Reasons.die(wentOn()))
      } catch (thrown) {
        this.add(causeOf(failureOf(thrown, this.caught)))
      }
      this.generators.pop()
      step = UnwindingStep.ReturnBehind
    }
    return undefined
  }

  private take(step: UnwindingStep, value: unknown): IteratorResult<unknown, unknown> {
    // SAFETY: it is called while there are generators.
    let generator = this.generators.at(-1) as Instance
    if (step === UnwindingStep.Next) {
      answer.value = value
      return prototype.next.call(generator, this.isBare ? value : resumed)
    }
    this.since = 0
    if (step === UnwindingStep.ReturnBehind) return prototype.return.call(generator, this)
    for (;;) {
      const { result, delegate } = this.tellToReturn(generator)
      if (delegate === undefined) return result
      this.generators.push(delegate)
      generator = delegate
    }
  }

  /**
   * Makes `generator` return, or, where it delegates to another generator, leaves it as it is and gives that
   * one.
   */
  private tellToReturn(generator: Instance): {
    readonly result: IteratorResult<unknown, unknown>
    readonly delegate: Instance | undefined
  } {
    const sentinel = this
    const { return: usual } = prototype
    let delegate: Instance | undefined
    function replacement(this: Instance, value: unknown): IteratorResult<unknown, unknown> {
      if (value !== sentinel || delegate !== undefined) return usual.call(this, value)
      delegate = this
      // Not done: the generator that delegates still waits where it has waited.
      return { done: false, value: undefined }
    }
    this.arrived = () => {
      if (prototype.return === replacement) Reflect.set(prototype, 'return', usual)
    }
    // Where the program has frozen the prototype, a generator is taken for one that does not delegate.
    Reflect.set(prototype, 'return', replacement)
    try {
      return { result: usual.call(generator, this), delegate }
    } finally {
      this.arrived()
    }
  }

  private taskOf(result: IteratorResult<unknown, unknown>): Node | undefined {
    this.since++
    if (++this.tasks > mostTasks) {
      this.add(Reasons.die(wentOn()))
      this.generators.length = 0
      return undefined
    }
    const task = delegated(result)
    this.isBare = task === undefined
    if (task !== undefined) return task
    return result.value instanceof Node
      ? result.value
      : dieNode(expected('Task.gen in a `finally`', 'a Task', result.value))
  }
}
