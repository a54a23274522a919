/**
 * Interrupts a program at its first step, then a fresh run of it at its second, and so on to its last.
 *
 * A bug of interruption is in one gap between two operations; examples hit it by luck. With a budget of one operation every gap is a
 * step of the scheduler, so a run has finitely many of them and all can be tried. A step is a time slice of any fiber, or the firing
 * of one timer. The last run is not interrupted.
 *
 * `sweepInterrupts` of `aio-ts/testing` does this for users, and for every public operation in test/sweeps. This one has more: other
 * budgets, other orders of time slices, and a second interruption before every later step.
 */
import { setImmediate as macrotask } from 'node:timers/promises'
import type { Exit, Task } from 'aio-ts'
import { randomFrom } from '../../src/testing/run/random.js'
import { summary } from './exits.js'
import { Machine } from './machine.js'

export interface SweepOutcome<E, A> {
  /** Before which step the main fiber was interrupted; `undefined` for the run that was not. */
  readonly step: number | undefined
  readonly exit: Exit.Exit<E, A>
  /** Virtual milliseconds at the end. */
  readonly elapsed: number
  readonly reports: Machine['reports']
}

/** One run: its task, and what must hold of it once it has ended. State of a run is made in the function that gives this. */
export interface SweepRun<E, A> {
  readonly task: Task.Task<E, A>
  readonly check: (outcome: SweepOutcome<E, A>) => void
}

export interface SweepOptions {
  /** Operations between two gaps; 1 if left out. */
  readonly yieldEvery?: number
  /** Interrupts again before every later step. */
  readonly again?: boolean
  /** The next fiber is chosen by this seed instead of first come, first served. */
  readonly seed?: number
  /** What the runtime's reporter is told is no error. */
  readonly allowReports?: boolean
}

const mostSteps = 5_000

export async function sweep<E, A>(
  make: () => SweepRun<E, A>,
  options: SweepOptions = {}
): Promise<{ steps: number }> {
  const peaceful = await runOnce(make, undefined, options)
  for (let step = 0; step < peaceful; step++) await runOnce(make, step, options)
  return { steps: peaceful }
}

/** Gives the number of steps. */
async function runOnce<E, A>(
  make: () => SweepRun<E, A>,
  at: number | undefined,
  options: SweepOptions
): Promise<number> {
  const draw = options.seed === undefined ? undefined : randomFrom(options.seed, 0)
  const machine = new Machine({
    yieldEvery: options.yieldEvery ?? 1,
    ...(draw === undefined ? {} : { pick: (count: number) => Math.floor(draw() * count) })
  })
  const run = make()
  const fiber = machine.fork(run.task)
  const where = at === undefined ? 'not interrupted' : `interrupted before step ${at}`
  const steps = () => machine.turns + jumps
  const strike = () => {
    if (at === undefined || steps() < next) return
    next = options.again === true ? steps() + 1 : Number.POSITIVE_INFINITY
    fiber.interruptNowait()
  }
  let next = at ?? 0
  let jumps = 0
  let idle = 0
  while (fiber.poll()._tag === 'None' && idle < 10) {
    if (steps() > mostSteps) throw new Error(`${where}: no end after ${mostSteps} steps`)
    strike()
    if (machine.ready > 0) {
      machine.turn()
      idle = 0
      continue
    }
    await macrotask()
    if (machine.ready > 0) continue
    if (machine.clock.fireNext()) {
      jumps++
      idle = 0
    } else idle++
  }
  const count = steps()
  await machine.settle()
  const exit = fiber.poll()
  if (exit._tag === 'None') throw new Error(`${where}: nothing can wake the program`)
  try {
    if (machine.leftovers() !== '') throw new Error(`left behind: ${machine.leftovers()}`)
    if (options.allowReports !== true && machine.reports.length > 0) {
      throw new Error(`reported: ${machine.reports.map((cause) => JSON.stringify(cause)).join('; ')}`)
    }
    run.check({ step: at, exit: exit.value, elapsed: machine.clock.now(), reports: machine.reports })
  } catch (wrong) {
    const message = wrong instanceof Error ? wrong.message : String(wrong)
    throw new Error(`${where}, ended with ${JSON.stringify(summary(exit.value))}: ${message}`, {
      cause: wrong
    })
  }
  return count
}
