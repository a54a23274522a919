/**
 * A runtime that runs nothing until the test says so.
 *
 * `runVirtual` runs one task from its start to its end. A test that has to act between two time slices (interrupt, call back late,
 * read a status) uses this one: fibers run and time passes only by `turn`, `settle` and `pass`. Its clock and its scheduler are those
 * of `aio-ts/testing`, moved by hand.
 */
import { setImmediate as macrotask } from 'node:timers/promises'
import { type Cause, dump, type Exit, type Fiber, makeRuntime, type RunOptions, type Task } from 'aio-ts'
import { ControlledScheduler } from '../../src/testing/run/scheduler.js'
import { VirtualClock } from '../../src/testing/run/virtual-clock.js'

export interface MachineOptions {
  readonly yieldEvery?: number
  /** Whose turn it is, of `count` that are ready. Left out: the first that came. */
  readonly pick?: (count: number) => number
  readonly reporter?: (cause: Cause.Cause<unknown>, fiber: Fiber<unknown, unknown>) => void
}

/** More turns than any test of ours needs: beyond it the program runs in a circle. */
const mostTurns = 1_000_000

/** Fires its timers in order of time, then of their making, when it is told to. */
export class HandClock extends VirtualClock {
  /** Goes to the next timer and fires it alone. False where there is none. */
  fireNext(): boolean {
    if (this.due.size === 0 && !this.jump()) return false
    this.fire(this.due.at(0))
    return true
  }

  /** Fires everything that is due within the next `ms`, in order, and stands `ms` later. */
  advance(ms: number): void {
    let isThere = false
    this.setTimer(ms, () => {
      isThere = true
    })
    while (!isThere) this.fireNext()
    while (this.due.size > 0) this.fireNext()
  }
}

export class Machine {
  readonly clock: HandClock = new HandClock()
  readonly reports: Array<Cause.Cause<unknown>> = []
  readonly runtime: ReturnType<typeof makeRuntime>
  /** Turns given so far. */
  turns = 0
  private readonly scheduler = new ControlledScheduler(() => undefined)
  private readonly pick: (count: number) => number

  constructor({ yieldEvery, pick, reporter }: MachineOptions = {}) {
    this.pick = pick ?? (() => 0)
    this.runtime = makeRuntime({
      clock: this.clock,
      scheduler: this.scheduler,
      reporter: (cause, fiber) => {
        this.reports.push(cause)
        reporter?.(cause, fiber)
      },
      ...(yieldEvery === undefined ? {} : { yieldEvery })
    })
  }

  fork<E, A>(task: Task.Task<E, A>, options?: RunOptions): Fiber<E, A> {
    return this.runtime.runFork(task, options)
  }

  /** How many fibers are ready. */
  get ready(): number {
    return this.scheduler.ready.size + this.scheduler.later.size
  }

  /** One turn of one fiber. False where none is ready. */
  turn(): boolean {
    if (this.turns++ > mostTurns) throw new Error(`runs in a circle:\n${dump()}`)
    const { ready } = this.scheduler
    if (ready.size === 0) this.scheduler.promote()
    if (ready.size === 0) return false
    this.scheduler.run(ready.at(this.pick(ready.size)))
    return true
  }

  /** Turns until nobody is ready. The host has none, and no time passes. */
  run(): void {
    while (this.turn());
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
      while (!fired && this.clock.fireNext()) await this.settle()
    }
  }

  /** To the end of `fiber`, jumping from timer to timer. */
  async finish<E, A>(fiber: Fiber<E, A>): Promise<Exit.Exit<E, A>> {
    for (;;) {
      await this.settle()
      const exit = fiber.poll()
      if (exit._tag === 'Some') return exit.value
      if (!this.clock.fireNext()) throw new Error(`nothing can wake the program:\n${dump()}`)
    }
  }

  /** What is left when all should have ended; empty strings compare well. */
  leftovers(): string {
    const parts: Array<string> = []
    if (this.clock.size > 0) parts.push(`${this.clock.size} timers`)
    if (this.ready > 0) parts.push(`${this.ready} ready fibers`)
    return parts.join(', ')
  }
}
