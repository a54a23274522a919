/**
 * How a generator is unwound: its `finally` blocks run, with the tasks that they yield, and nothing after them.
 */
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { expected } from '../data/show.js'
import { beginCleaningUp } from '../runtime/delivery.js'
import { causeOf } from '../runtime/failing.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { answer, Node } from '../task/task.js'
import { delegated, resumed } from '../task/yielded.js'

export type Instance = Generator<unknown, unknown, unknown>

/** What is thrown into a generator to unwind it. Opaque to `catch` blocks, which it passes, and who prints it learns why. */
export class Unwinding {
  /** Whether the generator waits at a bare `yield`. */
  bare = false

  constructor(
    readonly generator: Instance,
    /** The fiber's flags before it. */
    readonly flags: number,
    /** What the generator failed with, and then what its clean-up added. */
    public cause: Cause<unknown>
  ) {}

  toString(): string {
    return 'a Task that failed or was interrupted passes through Task.gen; `catch` cannot stop it, Task.orElse and its kin can'
  }
}

/** The task of a `finally` block to run, masked; or undefined where the generator has ended. */
export function beginUnwinding(fiber: FiberState, unwinding: Unwinding): Node | undefined {
  beginCleaningUp(fiber)
  return unwindStep(unwinding, () => unwinding.generator.throw(unwinding))
}

/** The same, once a task of a `finally` block has ended. */
export function goOnUnwinding(
  unwinding: Unwinding,
  failure: Node | undefined,
  value: unknown
): Node | undefined {
  const { generator } = unwinding
  if (failure !== undefined) {
    unwinding.cause = Reasons.combine(unwinding.cause, causeOf(failure))
    return unwindStep(unwinding, () => generator.throw(unwinding))
  }
  return unwindStep(unwinding, () => {
    answer.value = value
    return generator.next(unwinding.bare ? value : resumed)
  })
}

function unwindStep(unwinding: Unwinding, first: () => IteratorResult<unknown, unknown>): Node | undefined {
  let step = first
  for (;;) {
    try {
      const result = step()
      if (result.done === true) return undefined
      if (typeof result !== 'object') return undefined
      const task = delegated(result)
      if (task === undefined && !('done' in result)) return undefined
      unwinding.bare = task === undefined
      if (task !== undefined) return task
      if (result.value instanceof Node) return result.value
      const wrong = expected('Task.gen in a `finally`', 'a Task', result.value)
      unwinding.cause = Reasons.combine(unwinding.cause, Reasons.die(wrong))
      step = () => unwinding.generator.throw(unwinding)
    } catch (thrown) {
      if (thrown !== unwinding) unwinding.cause = Reasons.combine(unwinding.cause, Reasons.die(thrown))
      return undefined
    }
  }
}
