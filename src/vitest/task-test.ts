/**
 * `test.task`: a vitest test that is a Task, on virtual time.
 *
 * It is built from vitest's own `test` alone, so that names, hooks, fixtures, filters, retries and reporters
 * work as they do for any other test.
 */
import type { TestAPI, TestContext, TestOptions } from 'vitest'
import { isTask, type Task } from '../core/node.js'
import { checkCount, checkFunction, checkTime, describeValue, expected } from '../data/check-input.js'
import { type ControlOptions, replay, runTest, type TestRun } from '../testing/index.js'
import { testFailureOf } from './failure.js'

/** How a task is tested; what is not named here is vitest's own. */
export interface TaskTestOptions
  extends Omit<TestOptions, 'timeout'>,
    Pick<ControlOptions, 'maxSteps' | 'onUnseen' | 'patienceMs' | 'hostWaitMs'> {
  /** Chooses whose turn it is; 0 (if left out) is first come, first served. */
  readonly seed?: number
  /** How many seeds are tried, one after the other, from `seed` on; 1 if left out. */
  readonly runs?: number
  /** Runs this interleaving and no other: the one that a failure has shown. */
  readonly schedule?: string
  /** How many operations a fiber may run before it gives way; 1 if left out. */
  readonly yieldEvery?: number
  /** How long the task may take, in virtual milliseconds. */
  readonly timeout?: number
  /** How long the test may take of the host's time: what `timeout` is for vitest's other tests. */
  readonly hostTimeout?: number
}

/** What is tested: any task. Where it fails, whatever with, the test fails. */
export type Tested = Task<unknown, unknown>

/** A test that is a task, or a function that makes one from the test's context. */
export type TaskTester<Context> = (
  name: string,
  task: Tested | ((context: TestContext & Context) => Tested),
  options?: TaskTestOptions
) => void

/** Defines one such test for each case. */
export type EachTaskTester<Args extends ReadonlyArray<unknown>> = (
  name: string,
  make: (...args: Args) => Tested,
  options?: TaskTestOptions
) => void

/** `test.task`, with what vitest users look for. */
export interface TaskTest<Context = object> extends TaskTester<Context> {
  readonly only: TaskTest<Context>
  readonly skip: TaskTest<Context>
  /** Expected to fail. */
  readonly fails: TaskTest<Context>
  readonly concurrent: TaskTest<Context>
  /** Only announced. */
  todo(name: string): void
  skipIf(condition: unknown): TaskTest<Context>
  runIf(condition: unknown): TaskTest<Context>
  /** Of a case that is an array, each item is an argument. */
  each<Args extends ReadonlyArray<unknown> | readonly [unknown]>(
    cases: ReadonlyArray<Args>
  ): EachTaskTester<[...Args]>
  each<Case>(cases: ReadonlyArray<Case>): EachTaskTester<[item: Case]>
  /** Each case is the first argument, whatever it is, and the test's context the second. */
  for<Case>(cases: ReadonlyArray<Case>): EachTaskTester<[item: Case, context: TestContext & Context]>
}

/** What is used of vitest's `test`, and of each of its variants. */
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
 * The body of a vitest test. Its text is that of `make`, since vitest reads from it which fixtures a test
 * wants. `contextOf` finds the test's context among the arguments.
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

/**
 * What is wrong with what a test alone knows of, or has another name for; the rest goes to `runTest` as it
 * is.
 */
function checkTaskTestOptions({
  seed = 0,
  runs = 1,
  yieldEvery = 1,
  timeout = 0
}: TaskTestOptions): Error | undefined {
  return (
    checkCount('test.task', 'a seed', 0, seed) ??
    checkCount('test.task', 'runs', 1, runs) ??
    checkCount('test.task', 'yieldEvery in operations', 1, yieldEvery) ??
    checkTime('test.task timeout', timeout)
  )
}

/** In the body of a test it would not be seen which test it is. */
function demandObject(options: TaskTestOptions): void {
  if (typeof options !== 'object' || options === null)
    throw expected('test.task', 'an object of options', options)
}

const signalOf = (context: unknown): AbortSignal | undefined =>
  (context as Partial<Pick<TestContext, 'signal'>> | undefined)?.signal

/** What vitest is to know. */
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

/** Each of vitest's ways to declare a test, for tasks. */
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

/** The variants of a test are made where they are asked for: each of them has all of them. */
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
 * `test` as it is, and with `test.task` beside the rest: for a `test` that was extended by fixtures of yours.
 * vitest's own `test` is left as it was.
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
  // SAFETY: every variant of a test takes what `TaskTest` says, whatever the context of its fixtures
  // is.
  const task = taskTestOf(test as unknown as Base) as TaskTest<Context>
  const withIt = {
    get: (target: TestAPI<Context>, key: PropertyKey) => (key === 'task' ? task : Reflect.get(target, key))
  }
  return new Proxy(test, withIt) as TestAPI<Context> & { readonly task: TaskTest<Context> }
}
