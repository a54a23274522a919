/**
 * Virtual time and a controlled scheduler, so that no test sleeps and no test depends on the machine.
 *
 * `runVirtual` runs one Task to its end: ready fibers one at a time (in order, or shuffled by a seed); when none is ready,
 * after the host's promises have settled, the clock jumps to the next timer; when there is none either, the program can
 * never end and the run is rejected with the dump. What is left behind afterwards (timers, ready fibers) is an error too.
 */
import {
  type Cause,
  type Clock,
  dump,
  type Exit,
  type Fiber,
  makeRuntime,
  type Scheduler,
  type Task
} from 'aio-ts'

/** Timers in order of time, then of their making. */
export class VirtualClock implements Clock {
  private time = 0
  private made = 0
  private timers: Array<{ at: number; order: number; fire: () => void }> = []

  now(): number {
    return this.time
  }

  setTimer(ms: number, fire: () => void): () => void {
    const timer = { at: this.time + Math.max(0, ms), order: this.made++, fire }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((other) => other !== timer)
    }
  }

  /** How many timers have not fired. */
  get size(): number {
    return this.timers.length
  }

  /** Goes to the next timer and fires it alone. False where there is none. */
  jump(): boolean {
    const next = this.timers.reduce<(typeof this.timers)[number] | undefined>(
      (best, timer) =>
        best === undefined || timer.at < best.at || (timer.at === best.at && timer.order < best.order)
          ? timer
          : best,
      undefined
    )
    if (next === undefined) return false
    this.timers = this.timers.filter((other) => other !== next)
    this.time = Math.max(this.time, next.at)
    next.fire()
    return true
  }

  /** Fires everything that is due within the next `ms`, in order, and stands `ms` later. */
  advance(ms: number): void {
    const until = this.time + ms
    while (this.timers.some((timer) => timer.at <= until)) this.jump()
    this.time = until
  }
}

/** Ready fibers wait here until the test gives one its turn. */
export class ControlledScheduler implements Scheduler {
  private ready: Array<{ fiber: Fiber<unknown, unknown>; run: () => void }> = []
  constructor(private readonly pick: (count: number) => number = () => 0) {}

  schedule(fiber: Fiber<unknown, unknown>, run: () => void): void {
    this.ready.push({ fiber, run })
  }

  get size(): number {
    return this.ready.length
  }

  /** Gives the chosen fiber its turn. False where none is ready. */
  runOne(): boolean {
    const [chosen] = this.ready.splice(this.pick(this.ready.length), 1)
    if (chosen === undefined) return false
    chosen.run()
    return true
  }

  /** Until nobody is ready. */
  runAll(): void {
    while (this.runOne());
  }
}

/** A small seeded generator of numbers from 0 (included) to 1 (mulberry32, public domain). */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export interface VirtualOptions {
  /** Left out: first come, first served. */
  readonly seed?: number
  readonly yieldEvery?: number
  /** Timers and ready fibers that are left behind are no error. */
  readonly allowLeaks?: boolean
  readonly signal?: AbortSignal
}

export interface VirtualRun<E, A> {
  readonly exit: Exit.Exit<E, A>
  /** Virtual milliseconds. */
  readonly elapsed: number
  /** What the runtime's reporter was told. */
  readonly reports: ReadonlyArray<Cause.Cause<unknown>>
}

export const macrotask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export class StuckError extends Error {}
export class LeftBehindError extends Error {}

/** Runs `task` to its end on virtual time. */
export async function runVirtual<E, A>(
  task: Task.Task<E, A>,
  options: VirtualOptions = {}
): Promise<VirtualRun<E, A>> {
  const reports: Array<Cause.Cause<unknown>> = []
  const clock = new VirtualClock()
  const next = options.seed === undefined ? undefined : random(options.seed)
  const scheduler = new ControlledScheduler(next && ((count) => Math.floor(next() * count)))
  const runtime = makeRuntime({
    clock,
    scheduler,
    reporter: (cause) => reports.push(cause),
    ...(options.yieldEvery === undefined ? {} : { yieldEvery: options.yieldEvery })
  })
  let exit: Exit.Exit<E, A> | undefined
  void runtime
    .runTaskExit(task, options.signal === undefined ? {} : { signal: options.signal })
    .then((result) => {
      exit = result
    })
  for (let idle = 0; idle < 20; idle++) {
    scheduler.runAll()
    await macrotask()
    if (scheduler.size > 0) idle = -1
    else if (exit !== undefined) break
    else if (clock.size > 0) {
      clock.jump()
      idle = -1
    }
  }
  if (exit === undefined) throw new StuckError(`nothing can wake the program:\n${dump()}`)
  const elapsed = clock.now()
  if (options.allowLeaks !== true && clock.size + scheduler.size > 0) {
    throw new LeftBehindError(`left behind: ${clock.size} timers, ${scheduler.size} ready fibers\n${dump()}`)
  }
  return { exit, elapsed, reports }
}
