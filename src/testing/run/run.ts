/**
 * One controlled run of a program: which fiber runs next, what time it is, and when the run is over.
 *
 * As long as the program does not wait for the host, the whole run is one synchronous loop, which makes
 * thousands of runs per second possible. The loop yields to the event loop only so that promises can settle
 * and so that the time limits of a test runner still work if a program never ends.
 */

import { type Acquired, acquisitionObserver } from '../../concurrency/observe-acquisitions.js'
import type { Fiber } from '../../core/fiber.js'
import type { Task } from '../../core/node.js'
import type { Exit } from '../../data/exit.js'
import { type AbortSignal, host } from '../../data/host.js'
import type { Cause } from '../../data/reasons.js'
import * as Reasons from '../../data/reasons.js'
import type { LiveFiber } from '../../runtime/hooks.js'
import { makeRuntime } from '../../runtime/make-runtime.js'
import { describeWaiting } from '../report/format-trace.js'
import { didYield, ExecutionTrace } from '../report/trace.js'
import { DecisionTrace } from './decision-trace.js'
import type { HostWatch } from './host-turns.js'
import { randomFrom } from './random.js'
import { eventLoopTurn } from './real-time.js'
import { Resources } from './resources.js'
import { type FibersById, type RunFiber, renumbered } from './run-fiber.js'
import { ControlledScheduler } from './scheduler.js'
import type { ChoicePoint, Strategy } from './strategy.js'
import { VirtualClock, type VirtualTimer } from './virtual-clock.js'

export interface RunSettings {
  readonly choose: Strategy
  /** Seed of the random numbers that the program itself draws. */
  readonly seed: number
  readonly yieldEvery: number
  /** The main fiber is interrupted before this step, counted from 1. */
  readonly interruptAt: number | undefined
  /** Maximum number of steps. */
  readonly maxSteps: number
  /** Limit of virtual time, in ms. */
  readonly maxMs: number | undefined
  /** Maximum number of decisions. A run with more is a run of another program. */
  readonly maxDecisions?: number
  /** Whether to record each decision. */
  readonly isRecorded?: boolean
  /** Whether to record the detail hash before each step. */
  readonly isMarked?: boolean
  readonly signal?: AbortSignal | undefined
  /**
   * Called with each failure that only the reporter receives. By default these are collected in `reports`.
   */
  readonly onUnseen?: ((cause: Cause<unknown>, fiber: Fiber<unknown, unknown>) => void) | undefined
}

/** A cause that was reported, and its fiber. */
export interface Report {
  readonly cause: Cause<unknown>
  readonly fiber: Fiber<unknown, unknown>
}

/** How a run ended. `Strayed`: a decision could not be made as the schedule demands. */
export type RunEnding = 'Ended' | 'Deadlocked' | 'Endless' | 'Late' | 'Strayed'

type Pause = 'Breath' | 'Host' | 'Stuck' | 'Over'

/** This many steps without a turn of the event loop block it for a few milliseconds. */
const stepsPerBreath = 20_000

/** If every fiber only yields to the others, virtual time continues after this many rounds. */
const pollingRounds = 100

/** Maximum number of rounds in which every fiber yields, without a turn of the event loop. */
const roundsPerBreath = 32

/** Fibers left behind by the main fiber have this many steps, plus ten per fiber, to end. */
const lastSteps = 1000

/** Whether a fiber waits for the host. The description may continue with how far a promise or callback is. */
const isOfHost = (on: string): boolean => /^(promise|async)\b/.test(on)

/**
 * Returns the names of the Tasks that the fiber is in. Safe because every fiber is a record of the runtime,
 * which knows its path while it waits.
 */
const pathOf = (fiber: Fiber<unknown, unknown>): ReadonlyArray<string> =>
  (fiber as Partial<Pick<LiveFiber, 'path'>>).path ?? []

/** Whether the awaited fiber belongs to another run. For this run its end is an event of the host. */
function isElsewhere(on: string, fibersById: FibersById): boolean {
  const joined = /^join #(\d+)/.exec(on)
  return joined !== null && !fibersById.has(Number(joined[1]))
}

/** The run whose fiber or timer is currently running. What that starts belongs to the run. */
let acting: ControlledRun | undefined

/** Tracks what a fiber of the run acquires for a group, wherever the group was created. */
const keepResource = (acquired: Acquired): void => {
  if (acting?.scheduler.fibersById.has(acquired.fiber.id)) acting.resources.add(acquired)
}

/** Returns the host watch of the run that is currently running, if there is one. */
export const currentWatch = (): HostWatch | undefined => acting?.watch

export class ControlledRun {
  readonly clock: VirtualClock = new VirtualClock()
  readonly scheduler: ControlledScheduler = new ControlledScheduler((runFiber, isNew) =>
    this.readied(runFiber, isNew)
  )
  readonly trace: ExecutionTrace = new ExecutionTrace()
  readonly decisionTrace: DecisionTrace
  readonly reports: Array<Report> = []
  readonly resources: Resources = new Resources()
  /** Number of turns given and timers fired. */
  steps = 0
  /** The value of `steps` when the main fiber ended. */
  stepsOfMain = 0
  /** With `isMarked`, the detail hash before each step. */
  readonly marks: Array<number> = []
  /** The detail hash before the requested interruption, once it was made. */
  interruptedAfter: number | undefined = undefined
  /** The virtual time at which the main fiber ended, or the run. */
  elapsed = 0
  ending: RunEnding = 'Ended'
  exit: Exit<unknown, unknown> | undefined = undefined
  /** Whether a fiber has waited for the host, whose order is not controlled. */
  hasMetHost = false
  /** The first fiber that was made ready. */
  private main: RunFiber | undefined = undefined
  /** The fibers that wait for the host. */
  private readonly hosted: Set<RunFiber> = new Set()
  /** The fiber that is running, or that ran last. */
  private last: RunFiber | undefined = undefined
  /**
   * Whether the run has waited for the host, so that virtual time may continue although a fiber waits for it.
   */
  private isHostPassedBy = false
  /** Whether the host has not answered while nothing else could run. */
  isHostGivenUp = false
  private isFiring = false
  private breaths = 0
  private rounds = 0
  private lastStep = Number.POSITIVE_INFINITY
  private readonly point: ChoicePoint = { count: 0, current: -1, timersFrom: 0, isFiring: false }

  constructor(
    task: Task<unknown, unknown>,
    readonly settings: RunSettings,
    readonly watch: HostWatch
  ) {
    this.decisionTrace = new DecisionTrace(settings.isRecorded === true)
    acquisitionObserver.bound = keepResource
    const runtime = makeRuntime({
      clock: this.clock,
      scheduler: this.scheduler,
      yieldEvery: settings.yieldEvery,
      random: randomFrom(settings.seed, 2),
      reporter: (cause, fiber) => this.reported(cause, fiber)
    })
    const { signal } = settings
    void runtime.runTaskExit(task, signal === undefined ? {} : { signal })
  }

  private reported(cause: Cause<unknown>, fiber: Fiber<unknown, unknown>): void {
    this.decisionTrace.noted('report')
    const { onUnseen } = this.settings
    if (onUnseen === undefined) {
      this.reports.push({ cause, fiber })
      return
    }
    try {
      onUnseen(cause, fiber)
    } catch (thrown) {
      this.reports.push({ cause: Reasons.die(thrown), fiber })
    }
  }

  /** Runs the program to its end. Returns undefined if that was possible synchronously. */
  drive(): Promise<void> | undefined {
    const pause = this.advance()
    return pause === 'Over' ? undefined : this.driveOn(pause)
  }

  private async driveOn(first: Pause): Promise<void> {
    for (let pause = first; pause !== 'Over'; pause = this.advance()) {
      if (pause === 'Breath') await eventLoopTurn()
      else if (pause === 'Host') await this.awaitHost()
      else if (!(await this.isWokenAfterAll())) {
        this.ending = 'Deadlocked'
        this.elapsed = this.clock.now()
        return
      }
    }
  }

  /** Runs until the run is over or the event loop is needed. */
  private advance(): Pause {
    const { clock, settings, scheduler, decisionTrace } = this
    this.watch.moved()
    for (;;) {
      if (settings.isMarked === true && this.marks.length === this.steps)
        this.marks.push(decisionTrace.detail)
      if (this.steps + 1 === settings.interruptAt && this.interruptedAfter === undefined) this.interrupt()
      const isMainDone = this.main?.isDone === true
      // Fibers left behind may still run to their end, but no time passes for them.
      const timers = isMainDone ? 0 : clock.due.size
      const count = scheduler.ready.size + timers
      if (count > 0) {
        if (this.steps >= settings.maxSteps) return this.over('Endless')
        if (this.steps >= this.lastStep) return 'Over'
        if (this.steps - this.breaths >= stepsPerBreath) {
          this.breaths = this.steps
          return 'Breath'
        }
        if (!this.step(count, timers)) return this.over('Strayed')
      } else if (scheduler.later.size > 0) {
        if (this.steps >= settings.maxSteps) return this.over('Endless')
        if (this.rounds++ >= pollingRounds && !isMainDone && clock.next !== undefined) {
          if (this.hosted.size > 0 && !this.isHostPassedBy) return 'Host'
          if (this.isLate()) return this.over('Late')
          if (this.jump()) continue
        }
        scheduler.promote()
        if (this.rounds % roundsPerBreath === 0) return 'Breath'
      } else if (isMainDone) return 'Over'
      else if (this.hosted.size > 0 && !this.isHostPassedBy) return 'Host'
      else if (this.isLate()) return this.over('Late')
      else if (!this.jump()) return 'Stuck'
    }
  }

  private over(ending: RunEnding): 'Over' {
    this.ending = ending
    if (this.exit === undefined) this.elapsed = this.clock.now()
    return 'Over'
  }

  /** Whether the next timer is due after the limit of virtual time. */
  private isLate(): boolean {
    const { maxMs } = this.settings
    return maxMs !== undefined && this.clock.next !== undefined && this.clock.next > maxMs
  }

  private jump(): boolean {
    if (!this.clock.jump()) return false
    this.isHostPassedBy = false
    this.isFiring = true
    this.rounds = 0
    this.last = undefined
    return true
  }

  /** Runs one turn or fires one timer. Returns false if the choice is not possible. */
  private step(count: number, timers: number): boolean {
    const { ready } = this.scheduler
    let choice = 0
    if (timers === 0) this.isFiring = false
    if (count > 1) {
      const { point, decisionTrace, last, settings } = this
      point.count = count
      point.current = last?.run === undefined ? -1 : ready.numberOf(last)
      point.timersFrom = count - timers
      point.isFiring = this.isFiring
      if (settings.maxDecisions !== undefined && decisionTrace.decisions >= settings.maxDecisions)
        return false
      choice = settings.choose(point, decisionTrace.decisions)
      if (!(choice >= 0 && choice < count)) return false
      decisionTrace.decided(point, choice)
    }
    this.steps++
    if (choice < ready.size) this.turn(ready.at(choice))
    else this.fire(this.clock.due.at(choice - ready.size))
    return true
  }

  private turn(runFiber: RunFiber): void {
    const { scheduler, trace, decisionTrace } = this
    this.last = runFiber
    trace.step(this.clock.now(), runFiber)
    decisionTrace.acted(runFiber.number)
    const before = acting
    acting = this
    scheduler.run(runFiber)
    acting = before
    // The fiber could continue and is ready again.
    if (runFiber.run !== undefined) {
      if (runFiber.isLater) {
        trace.rests(didYield)
        this.last = undefined
      }
      return
    }
    this.rounds = 0
    const status = runFiber.fiber.status()
    if (status._tag === 'Waiting') this.waits(runFiber, status.on)
    else this.ended(runFiber)
  }

  private waits(runFiber: RunFiber, on: string): void {
    const { fibersById } = this.scheduler
    const onHere = renumbered(on, fibersById)
    this.trace.rests({ on: onHere, path: pathOf(runFiber.fiber) })
    this.decisionTrace.noted(onHere)
    if (!isOfHost(on) && !isElsewhere(on, fibersById)) return
    this.hasMetHost = true
    runFiber.isPassedBy = false
    this.hosted.add(runFiber)
  }

  private ended(runFiber: RunFiber): void {
    const exit = runFiber.fiber.poll()
    this.scheduler.forget(runFiber)
    if (exit._tag === 'None') return
    this.trace.rests({ exit: exit.value })
    this.decisionTrace.noted(exit.value._tag)
    if (runFiber !== this.main) return
    this.exit = exit.value
    this.elapsed = this.clock.now()
    this.stepsOfMain = this.steps
    this.lastStep = this.steps + lastSteps + 10 * this.scheduler.alive
  }

  private fire(timer: VirtualTimer): void {
    this.last = undefined
    this.rounds = 0
    this.trace.begin(this.clock.now(), 'timer')
    this.decisionTrace.acted(0)
    const before = acting
    acting = this
    this.clock.fire(timer)
    acting = before
  }

  private interrupt(): void {
    this.interruptedAfter = this.decisionTrace.detail
    this.trace.begin(this.clock.now(), 'interruption')
    const before = acting
    acting = this
    this.main?.fiber.interruptNowait()
    acting = before
  }

  private readied(runFiber: RunFiber, isNew: boolean): void {
    if (runFiber.number === 1 && isNew) {
      this.main = runFiber
      return
    }
    if (acting !== this) this.trace.begin(this.clock.now(), 'host')
    this.trace.readied(runFiber, isNew)
    if (this.last !== runFiber) this.rounds = 0
    if (this.hosted.size > 0) this.hosted.delete(runFiber)
    this.isHostPassedBy = false
    this.isHostGivenUp = false
    if (acting !== this) this.watch.woken()
  }

  /** Waits for the host while nothing can run and a fiber waits for it. */
  private async awaitHost(): Promise<void> {
    const isReady = (): boolean => this.scheduler.ready.size > 0
    await eventLoopTurn()
    if (isReady()) return
    if (this.clock.next === undefined) {
      if (await this.watch.lastChance(() => this.emitWaiting())) return
      this.isHostGivenUp = true
      this.isHostPassedBy = true
      return
    }
    const fresh = [...this.hosted].filter((runFiber) => !runFiber.isPassedBy)
    if (fresh.length > 0) {
      if (await this.watch.chance()) return
      for (const runFiber of fresh) runFiber.isPassedBy = true
    }
    this.isHostPassedBy = true
  }

  /**
   * If a test waits longer than usual, its runner may end it, and the runner does not know what the test
   * waits for.
   */
  private emitWaiting(): void {
    const waiting = describeWaiting(this.scheduler.fibersById)
    host.console.error(
      'aio-ts/testing: still waiting for a promise or a callback of the host; ' +
        `after ${this.watch.lastMs} ms (\`hostWaitMs\`) that is a deadlock\n${waiting}`
    )
  }

  /**
   * Returns whether a fiber is woken although nothing can run and none is known to wait for the host: a
   * callback may still arrive that no fiber announced. Of many runs of one program only the first waits for
   * it. Waiting in each run that deadlocks would make the shrinking of its schedule take minutes.
   */
  private async isWokenAfterAll(): Promise<boolean> {
    if (this.isHostGivenUp) return false
    await eventLoopTurn()
    return this.scheduler.ready.size > 0 || (!this.watch.isSilent && (await this.watch.chance()))
  }

  /** Whether a fiber still waits for the host. */
  get isWaitingForHost(): boolean {
    return this.hosted.size > 0
  }

  /** Returns the fibers that have not ended, in the order of their creation. */
  get alive(): ReadonlyArray<RunFiber> {
    return [...this.scheduler.fibersById.values()].filter(({ isDone }) => !isDone)
  }

  /**
   * Stops whatever is left, as far as it can be stopped, so that a run that went wrong leaves nothing to the
   * next one. What happens meanwhile is not part of the run.
   */
  async discard(): Promise<void> {
    const { clock, scheduler } = this
    for (const { fiber } of this.alive) fiber.interruptNowait()
    // Other fibers may use a group that was created outside of the run.
    for (const { scope, fiber } of this.resources.held)
      if (scope.services === fiber.runtime) scope.close(true)
    if (scheduler.alive === 0) return
    let left = 10 * (lastSteps + 10 * scheduler.alive)
    for (let turns = 0; turns < 3; turns++) {
      for (; scheduler.alive > 0 && left > 0; left--) {
        if (scheduler.ready.size === 0) scheduler.promote()
        if (scheduler.ready.size > 0) this.turn(scheduler.ready.at(0))
        else if (clock.due.size > 0) this.fire(clock.due.at(0))
        else if (!clock.jump()) break
      }
      if (scheduler.alive === 0 || this.hosted.size === 0) return
      await eventLoopTurn()
    }
  }
}
