/**
 * One behaviour, many interleavings. A behaviour that holds only for one order of time slices is an accident, so each program here
 * runs with a budget of 1, of 2 and of the default number of operations, in order and shuffled by several seeds.
 */
import { setImmediate as macrotask } from 'node:timers/promises'
import { Cause, Group, Task } from 'aio-ts'
import * as Either from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import { runVirtual, type VirtualOptions, type VirtualRun } from './kit.js'

export type Run = VirtualRun<unknown, unknown>

const budgets: ReadonlyArray<VirtualOptions> = [{ yieldEvery: 1 }, { yieldEvery: 2 }, {}]

/** First come, first served. */
export const orderedModes = budgets

/** Where the tests are to find what was broken on purpose, a few are enough, and many times as fast. */
export const modes: ReadonlyArray<VirtualOptions> =
  process.env.TEST_MODES === 'few'
    ? [{ yieldEvery: 1 }, {}, { yieldEvery: 1, seed: 1 }, { yieldEvery: 2, seed: 2 }]
    : [
        ...orderedModes,
        ...[1, 2, 3, 4, 5, 6].flatMap((seed) => budgets.map((budget) => ({ ...budget, seed })))
      ]

export const describeMode = (mode: VirtualOptions): string =>
  `yieldEvery ${mode.yieldEvery ?? 'default'}, ${mode.seed === undefined ? 'in order' : `seed ${mode.seed}`}`

/** The run succeeded and nothing went to the reporter. A defect is thrown on, so that a failed expectation reads as one. */
export function expectSuccess<A>(run: VirtualRun<unknown, A>): A {
  if (Either.isLeft(run.exit)) {
    throw Cause.defects(run.exit.left)[0] ?? new Error(`the program failed: ${Cause.pretty(run.exit.left)}`)
  }
  if (run.reports.length > 0) {
    const [first] = run.reports.flatMap((cause) => Cause.defects(cause))
    throw first ?? new Error(`reported: ${run.reports.map(Cause.pretty).join('\n')}`)
  }
  return run.exit.right
}

/** The run succeeded; what went to the reporter is not looked at. */
export const expectSuccessAmongReports = (run: Run): unknown => expectSuccess({ ...run, reports: [] })

/** The run succeeded and these defects, no more, went to the reporter. */
export const expectReported =
  (...defects: ReadonlyArray<unknown>) =>
  (run: Run): void => {
    expectSuccessAmongReports(run)
    expect(run.reports.flatMap((cause) => Cause.defects(cause))).toEqual(defects)
  }

async function runIn(
  mode: VirtualOptions,
  program: () => Task.Task<unknown, unknown>,
  check: (run: Run) => void
): Promise<void> {
  try {
    check(await runVirtual(program(), mode))
  } catch (thrown) {
    if (thrown instanceof Error) thrown.message += `\n(with ${describeMode(mode)})`
    throw thrown
  }
}

/** A test that runs the program in every mode. Expectations stand in the program, or in `check`. */
export function inEveryMode(
  name: string,
  program: () => Task.Task<unknown, unknown>,
  check: (run: Run) => void = expectSuccess
): void {
  test(name, { timeout: 30_000 }, async () => {
    for (const mode of modes) await runIn(mode, program, check)
  })
}

/** The same where the order of turns is part of what is tested. */
export function inOrder(
  name: string,
  program: () => Task.Task<unknown, unknown>,
  check: (run: Run) => void = expectSuccess
): void {
  test(name, { timeout: 30_000 }, async () => {
    for (const mode of orderedModes) await runIn(mode, program, check)
  })
}

/** Comes back when nobody else can go on: virtual time stands still as long as a fiber is ready. */
export const settled: Task.Task<never, void> = Task.sleep(1)

/**
 * The same, and what the host can settle at once is settled too. For where somebody waits for a promise that only the test will
 * settle: virtual time would not pass before the host has had its chance, a tenth of a second.
 */
export const settledWithHost: Task.Task<never, void> = Task.promise(() => macrotask())

/** Runs `f` in one turn: nobody else runs in between. */
export const atOnce = Task.sync

/** A group for fibers of every kind: typed failures are left to those who look; a defect goes on to the reporter. */
export const bench: Task.Task<never, Group<unknown>> = Task.suspend(() =>
  Group.make<unknown>({
    name: 'bench',
    onFailure: (cause) => {
      const [defect] = Cause.defects(cause)
      if (defect !== undefined) throw defect
    }
  })
)

/** Lets others go first `count` times, then calls `strike`: a way to come at every step of a program. */
export const after = (count: number, strike: () => void): Task.Task<never, void> =>
  Task.gen(function* () {
    for (let step = 0; step < count; step++) yield* Task.yieldNow
    strike()
  })
