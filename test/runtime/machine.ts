/**
 * A runtime that stands still until the test moves it.
 *
 * `runVirtual` runs one task from its beginning to its end. Where a test must do something between two turns (interrupt,
 * call back late, look at a status), it drives this: nobody runs and no time passes but by `turn`, `settle` and `pass`.
 */
import { type Cause, dump, type Exit, type Fiber, makeRuntime, type RunOptions, type Task } from 'aio-ts'
import { ControlledScheduler, macrotask, VirtualClock } from '../support/kit.js'

export interface MachineOptions {
  readonly yieldEvery?: number
  /** Whose turn it is, of `count` that are ready. Left out: the first that came. */
  readonly pick?: (count: number) => number
  readonly reporter?: (cause: Cause.Cause<unknown>, fiber: Fiber<unknown, unknown>) => void
}

/** More turns than any test of ours needs: beyond it the program runs in a circle. */
const mostTurns = 1_000_000

export class Machine {
  readonly clock: VirtualClock = new VirtualClock()
  readonly scheduler: ControlledScheduler
  readonly reports: Array<Cause.Cause<unknown>> = []
  readonly runtime: ReturnType<typeof makeRuntime>
  /** Turns given so far. */
  turns = 0

  constructor(options: MachineOptions = {}) {
    this.scheduler = new ControlledScheduler(options.pick)
    this.runtime = makeRuntime({
      clock: this.clock,
      scheduler: this.scheduler,
      reporter: (cause, fiber) => {
        this.reports.push(cause)
        options.reporter?.(cause, fiber)
      },
      ...(options.yieldEvery === undefined ? {} : { yieldEvery: options.yieldEvery })
    })
  }

  fork<E, A>(task: Task.Task<E, A>, options?: RunOptions): Fiber<E, A> {
    return this.runtime.runFork(task, options)
  }

  /** One turn of one fiber. False where none is ready. */
  turn(): boolean {
    if (this.turns++ > mostTurns) throw new Error(`runs in a circle:\n${dump()}`)
    return this.scheduler.runOne()
  }

  /** Turns until nobody is ready and the host's promises have settled. No time passes. */
  async settle(): Promise<void> {
    for (let idle = 0; idle < 3; idle++) {
      while (this.turn()) idle = -1
      await macrotask()
    }
  }

  /** Lets `ms` go by, timer after timer, with all turns that they bring; timers that are due just then fire too. */
  async pass(ms: number): Promise<void> {
    await this.settle()
    for (const wait of [ms, 0]) {
      let fired = false
      this.clock.setTimer(wait, () => {
        fired = true
      })
      while (!fired && this.clock.jump()) await this.settle()
    }
  }

  /** To the end of `fiber`, jumping from timer to timer. */
  async finish<E, A>(fiber: Fiber<E, A>): Promise<Exit.Exit<E, A>> {
    for (;;) {
      await this.settle()
      const exit = fiber.poll()
      if (exit._tag === 'Some') return exit.value
      if (!this.clock.jump()) throw new Error(`nothing can wake the program:\n${dump()}`)
    }
  }

  /** What is left when all should have ended; empty strings compare well. */
  leftovers(): string {
    const parts: Array<string> = []
    if (this.clock.size > 0) parts.push(`${this.clock.size} timers`)
    if (this.scheduler.size > 0) parts.push(`${this.scheduler.size} ready fibers`)
    return parts.join(', ')
  }
}
