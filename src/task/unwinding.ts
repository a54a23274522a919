/**
 * Unwinds a generator: its `finally` blocks run, with every Task
 * that they yield, and no `catch` block and no code after them.
 *
 * The `return` of a generator does that, with one pitfall. A generator that delegates
 * to another one (`yield*` of a generator object) forgets that it was returning when
 * the other one yields in a `finally`, and continues normally once that has ended. So
 * `return` is called on each generator separately, the innermost first. The generator
 * around it then finds that the one it delegates to has ended, and returns as well.
 *
 * To find the innermost generator, the `return` of the prototype that all generators
 * share is replaced for the duration of one call. A generator that delegates calls the
 * replacement on the generator it delegates to, before any code of the program runs.
 */

import { answer, type FailedNode, Node } from '../core/node.js'
import { delegated, resumed, Sentinel } from '../core/yieldable.js'
import { expected } from '../data/check-input.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { causeOf, dieNode } from '../runtime/failure-nodes.js'
import { type Caught, failureOf } from './caught.js'

export type Instance = Generator<unknown, unknown, unknown>

/** Safe because this is the object that the host's generators inherit from. */
const prototypeOf = (maker: () => Generator): Instance => Object.getPrototypeOf(maker.prototype) as Instance

/** The prototype from which all generators inherit. */
export const prototype: Instance = /* @__PURE__ */ prototypeOf(function* () {})

/** The prototype of all generator functions. */
export const generatorFunction: unknown = /* @__PURE__ */ Object.getPrototypeOf(function* () {})

/** A cleanup that runs more Tasks than this is considered an endless loop. */
const mostTasks = 100_000

const wentOn = (): Error =>
  new Error(
    'Task.gen: the generator ran on while it was unwound. ' +
      'Leave no `finally` by return, break or continue, and wrap in Task.gen what it delegates to'
  )

const enum UnwindingStep {
  /** Continues after the Task that has ended. */
  Next,
  /** Returns. */
  Return,
  /** Returns, after the generator to which it delegates has ended. */
  ReturnBehind
}

/**
 * One generator that is unwound, with the generators to which it delegates.
 * It is also the value with which `return` is called on each of them.
 */
export class Unwinding extends Sentinel {
  /**
   * The outermost first. Each waits at the `yield*` of the next
   * one, except the last, which runs its `finally` blocks.
   */
  private readonly generators: Array<Instance>
  /** Whether the last generator waits at a bare `yield`. */
  private isBare = false
  /** The number of Tasks that have been yielded. */
  private tasks = 0
  /** The number of Tasks that have been yielded since `return` was called on the last generator. */
  private since = 0

  constructor(
    generator: Instance,
    /** The flags of the fiber before the unwinding. */
    readonly flags: number,
    /** The reason why the generator is unwound, with everything that has failed in the meantime. */
    public cause: Cause<unknown>,
    private readonly caught: Caught | undefined
  ) {
    super(() => undefined)
    this.generators = [generator]
  }

  /** Returns the first Task of a `finally` block, or undefined if the generator has ended. */
  begin(): Node | undefined {
    return this.advance(UnwindingStep.Return, undefined)
  }

  /**
   * Returns the next Task after one has ended. A failure
   * ends the `finally` block, and no other block sees it.
   */
  goOn(failure: FailedNode | undefined, value: unknown): Node | undefined {
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
        // A `return` in a `finally` is harmless if nothing else has run.
        // Otherwise it cannot be distinguished from code after the block.
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
    // SAFETY: this method is called only while there are generators.
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
   * Makes `generator` return. If it delegates to another generator, leaves it unchanged and returns that one.
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
      // The result is not done: the generator that delegates still waits at the same place.
      return { done: false, value: undefined }
    }
    this.arrived = () => {
      if (prototype.return === replacement) Reflect.set(prototype, 'return', usual)
    }
    // If the program has frozen the prototype, every generator is treated as one that does not delegate.
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
