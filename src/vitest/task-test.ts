/**
 * `test.task`: a vitest test that is a Task and runs on virtual time.
 *
 * It uses only the public features of vitest's own `test`, so that names, hooks, fixtures, filters, retries
 * and reporters work as they do for any other test.
 */
import type { TestAPI, TestContext, TestOptions } from 'vitest'
import { isTask, type Task } from '../core/node.js'
import { checkFunction, describeValue, expected } from '../data/check-input.js'
import { checkOptions, count, milliseconds } from '../data/check-options.js'
import { type ControlOptions, replay, runTest, type TestRun } from '../testing/index.js'
import { testFailureOf } from './failure.js'

/** Options of a Task test. Options that are not declared here are vitest's own. */
export interface TaskTestOptions
  extends Omit<TestOptions, 'timeout'>,
    Pick<ControlOptions, 'maxSteps' | 'onUnseen' | 'patienceMs' | 'hostWaitMs'> {
  /** Seed of the scheduling strategy. 0, the default, is first come, first served. */
  readonly seed?: number
  /** How many seeds are run, one after the other, starting with `seed`. The default is 1. */
  readonly runs?: number
  /** Replays this schedule, which a failure has printed, instead of the seeds. */
  readonly schedule?: string
  /** How many operations a fiber may run before it yields. The default is 1. */
  readonly yieldEvery?: number
  /** Limit of the Task's duration, in virtual milliseconds. */
  readonly timeout?: number
  /** Limit of the test's real duration, in milliseconds: what `timeout` is for vitest's other tests. */
  readonly hostTimeout?: number
}

/** The tested Task, with any types. The test fails if the Task fails, whatever the error is. */
export type Tested = Task<unknown, unknown>

/** Declares a test from a Task, or from a function that makes one from the test's context. */
export type TaskTester<Context> = (
  name: string,
  task: Tested | ((context: TestContext & Context) => Tested),
  options?: TaskTestOptions
) => void

/** Declares one test for each case, from a function that makes a Task from the case. */
export type EachTaskTester<Args extends ReadonlyArray<unknown>> = (
  name: string,
  make: (...args: Args) => Tested,
  options?: TaskTestOptions
) => void

/** `test.task`, with the modifiers of vitest's `test`. */
export interface TaskTest<Context = object> extends TaskTester<Context> {
  readonly only: TaskTest<Context>
  readonly skip: TaskTest<Context>
  /** Declares a test that is expected to fail. */
  readonly fails: TaskTest<Context>
  readonly concurrent: TaskTest<Context>
  /** Announces a test without a body. */
  todo(name: string): void
  skipIf(condition: unknown): TaskTest<Context>
  runIf(condition: unknown): TaskTest<Context>
  /** If a case is an array, its items are the arguments. */
  each<Args extends ReadonlyArray<unknown> | readonly [unknown]>(
    cases: ReadonlyArray<Args>
  ): EachTaskTester<[...Args]>
  each<Case>(cases: ReadonlyArray<Case>): EachTaskTester<[item: Case]>
  /**
   * Passes each case, also if it is an array, as the first argument, and the test's context as the second.
   */
  for<Case>(cases: ReadonlyArray<Case>): EachTaskTester<[item: Case, context: TestContext & Context]>
}

/** The part of vitest's `test`, and of each of its variants, that is used here. */
type Base = ReturnType<TestAPI['skipIf']>

type Make = (...args: ReadonlyArray<unknown>) => unknown

const noteOf = ({ schedule }: TestRun<unknown, unknown>, seed: number): string =>
  `Seed ${seed}. The very same run again: { schedule: '${schedule}' } as the options of this test, or ` +
  `await replay(task, '${schedule}')`

async function runOnce(
  task: Tested,
  seed: number,
  options: TaskTestOptions,
  signal: AbortSignal | undefined
): Promise<void> {
  const { yieldEvery, schedule, timeout, maxSteps, onUnseen, patienceMs, hostWaitMs } = options
  const control = {
    ...(signal === undefined ? {} : { signal }),
    ...(maxSteps === undefined ? {} : { maxSteps }),
    ...(timeout === undefined ? {} : { maxMs: timeout }),
    ...(onUnseen === undefined ? {} : { onUnseen }),
    ...(patienceMs === undefined ? {} : { patienceMs }),
    ...(hostWaitMs === undefined ? {} : { hostWaitMs })
  }
  const run =
    schedule === undefined
      ? await runTest(task, { ...control, seed, ...(yieldEvery === undefined ? {} : { yieldEvery }) })
      : await replay(task, schedule, control)
  const failure = testFailureOf(run.exit, noteOf(run, seed))
  if (failure !== undefined) throw failure
}

const taskTests = (make: Make | Tested, args: ReadonlyArray<unknown>): Tested => {
  const task = typeof make === 'function' ? make(...args) : make
  if (isTask(task)) return task
  throw new TypeError(`test.task: expected a Task, or a function that gives one, got ${describeValue(task)}`)
}

/**
 * Makes the body of a vitest test. Its `toString` returns the source of `make`, since vitest reads from it
 * which fixtures a test uses. `contextOf` finds the test's context among the arguments.
 */
function bodyOf(
  make: Make | Tested,
  options: TaskTestOptions,
  contextOf: (args: ReadonlyArray<unknown>) => unknown
): (...args: ReadonlyArray<unknown>) => Promise<void> {
  const body = async (...args: ReadonlyArray<unknown>): Promise<void> => {
    const { seed = 0, runs = 1, schedule } = options
    const wrong = checkTaskTestOptions(options)
    if (wrong !== undefined) throw wrong
    const signal = signalOf(contextOf(args))
    const last = schedule === undefined ? seed + runs - 1 : seed
    for (let own = seed; own <= last; own++) await runOnce(taskTests(make, args), own, options, signal)
  }
  const text = typeof make === 'function' ? make : () => undefined
  Object.defineProperty(body, 'toString', { value: () => text.toString() })
  return body
}

/** Checks the options that `runTest` does not have, or has under another name. `runTest` checks the rest. */
const checkTaskTestOptions = (options: TaskTestOptions): Error | undefined =>
  checkOptions('test.task', options, {
    seed: count(0, 'a seed'),
    runs: count(1),
    yieldEvery: count(1, 'yieldEvery in operations'),
    timeout: milliseconds
  })

/** Throws where the test is declared: the stack of an error in its body would not show which test it is. */
function demandObject(options: TaskTestOptions): void {
  if (typeof options !== 'object' || options === null)
    throw expected('test.task', 'an object of options', options)
}

const signalOf = (context: unknown): AbortSignal | undefined =>
  (context as Partial<Pick<TestContext, 'signal'>> | undefined)?.signal

/** Returns the options that vitest itself handles. */
const vitestOptions = (options: TaskTestOptions): TestOptions => {
  demandObject(options)
  const {
    seed,
    runs,
    schedule,
    yieldEvery,
    timeout,
    hostTimeout,
    maxSteps,
    onUnseen,
    patienceMs,
    hostWaitMs,
    ...rest
  } = options
  return hostTimeout === undefined ? rest : { ...rest, timeout: hostTimeout }
}

/** Declares Task tests through each of vitest's forms of declaration. */
class Declaring {
  constructor(private readonly base: Base) {}

  declare(name: string, make: Make | Tested, options: TaskTestOptions = {}): void {
    this.base(
      name,
      vitestOptions(options),
      bodyOf(make, options, ([context]) => context)
    )
  }

  each(cases: ReadonlyArray<unknown>): (name: string, make: Make, options?: TaskTestOptions) => void {
    const declare = this.base.each(cases)
    return (name, make, options = {}) =>
      declare(
        name,
        vitestOptions(options),
        bodyOf(make, options, () => undefined)
      )
  }

  for(cases: ReadonlyArray<unknown>): (name: string, make: Make, options?: TaskTestOptions) => void {
    const declare = this.base.for(cases)
    return (name, make, options = {}) =>
      declare(
        name,
        vitestOptions(options),
        bodyOf(make, options, ([, context]) => context)
      )
  }
}

/** Creates the variants lazily in getters, since each variant has all variants again. */
function taskTestOf(base: Base): unknown {
  const declaring = new Declaring(base)
  const declare = (...args: Parameters<Declaring['declare']>): void => declaring.declare(...args)
  return Object.defineProperties(declare, {
    only: { get: () => taskTestOf(base.only), enumerable: true },
    skip: { get: () => taskTestOf(base.skip), enumerable: true },
    fails: { get: () => taskTestOf(base.fails), enumerable: true },
    concurrent: { get: () => taskTestOf(base.concurrent), enumerable: true },
    todo: { value: (name: string) => base.todo(name) },
    skipIf: { value: (condition: unknown) => taskTestOf(condition ? base.skip : base) },
    runIf: { value: (condition: unknown) => taskTestOf(condition ? base : base.skip) },
    each: { value: (cases: ReadonlyArray<unknown>) => declaring.each(cases) },
    for: { value: (cases: ReadonlyArray<unknown>) => declaring.for(cases) }
  })
}

/**
 * Returns a `test` with an additional `test.task`, for example for a `test` that is extended with your own
 * fixtures. The `test` that is passed in is not modified.
 *
 * ```ts no-run
 * import { Task } from 'aio-ts'
 * import { withTask } from 'aio-ts/vitest'
 * import { test as base } from 'vitest'
 *
 * const test = withTask(base.extend<{ ms: number }>({ ms: 1000 }))
 * test.task('sleeps', ({ ms }) => Task.sleep(ms))
 * ```
 */
export function withTask<Context>(
  test: TestAPI<Context>
): TestAPI<Context> & { readonly task: TaskTest<Context> } {
  const wrong = checkFunction('withTask', 'the `test` of vitest', test)
  if (wrong !== undefined) throw wrong
  // SAFETY: every variant of a test accepts what `TaskTest` declares, whatever the context of its fixtures
  // is.
  const task = taskTestOf(test as unknown as Base) as TaskTest<Context>
  const withIt = {
    get: (target: TestAPI<Context>, key: PropertyKey) => (key === 'task' ? task : Reflect.get(target, key))
  }
  return new Proxy(test, withIt) as TestAPI<Context> & { readonly task: TaskTest<Context> }
}
