/** Waits for a duration. */
import { die, unit } from '../core/construct.js'
import { make, type Node, Op, type Task } from '../core/node.js'
import { checkTime } from '../data/check-input.js'
import type { StartOp } from '../runtime/continuation.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { startTimer, stopTimer, type Timer } from '../runtime/host/timers.js'
import { ExternalWait } from './external-wait.js'

class SleepWait extends ExternalWait implements Timer {
  bucket: Timer['bucket'] = undefined
  previous: Timer | undefined = undefined
  next: Timer | undefined = undefined
  undo: (() => void) | undefined = undefined

  constructor(
    fiber: FiberState,
    private readonly ms: number
  ) {
    super(fiber)
  }

  get on(): string {
    return `sleep ${this.ms}ms`
  }

  start(): Node | undefined {
    startTimer(this.fiber.runtime.clock, this, this.ms)
    return this.begin()
  }

  fire(): void {
    if (!this.settled) this.settle(unit)
  }

  cancel(): undefined {
    this.settled = true
    stopTimer(this.fiber.runtime.clock, this)
  }
}

const enterSleep: StartOp = (fiber, node) => new SleepWait(fiber, node.b as number).start()

/** Waits for `ms` milliseconds. Many sleeping fibers share one timer of the host. */
export const sleep = (ms: number): Task<never, void> => sleepAs('Task.sleep', ms)

export const sleepAs = (where: string, ms: number): Task<never, void> => {
  const wrong = checkTime(where, ms)
  return wrong === undefined ? make(Op.Enter, enterSleep, ms) : die(wrong)
}
