/**
 * The results of the kit for a few programs, as plain data: run by Node and by a browser alike, they have to be identical. Bundled for
 * the browser by kit.test.ts.
 */
import { Deferred, FiberLocal, Group, Latch, Queue, Semaphore, Task } from 'aio-ts'
import {
  DeadlockError,
  ExploreError,
  explore,
  LeakError,
  replay,
  runTest,
  sweepInterrupts,
  type TestRun
} from 'aio-ts/testing'
import { pipe } from 'fp-ts/lib/function.js'

/** A cache that looks and writes in two steps, so that two who ask at the same time may both load. */
const askTwice = () => {
  const log: Array<string> = []
  const entries = new Map<string, Deferred<never, string>>()
  const ask = (who: string) =>
    Task.gen(function* () {
      const known = entries.get('key')
      if (known !== undefined) {
        log.push(`${who} waits`)
        return yield* known.wait()
      }
      const entry = yield* Deferred.make<never, string>()
      entries.set('key', entry)
      log.push(`${who} loads`)
      yield* Task.sleep(10)
      entry.succeed('value')
      return 'value'
    })
  return { log, task: Task.all([ask('one'), ask('two')]) }
}

const checkLog = (log: ReadonlyArray<string>): void => {
  const loads = log.filter((line) => line.endsWith('loads')).length
  if (loads !== 1) throw new Error(`loaded ${loads} times`)
}

const rejectionOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (reason: unknown) => reason
  )

/** An error of that class, as far as it must be the same everywhere: its stack is not. */
const toldOf = async (
  promise: Promise<unknown>,
  kind: typeof DeadlockError | typeof ExploreError | typeof LeakError
) => {
  const error = await rejectionOf(promise)
  return error instanceof kind
    ? { name: error.name, message: error.message }
    : { unexpected: String(error), message: '' }
}

const lockTwice = Task.suspend(() => {
  const [left, right] = [new Semaphore(1), new Semaphore(1)]
  const both = (first: Semaphore, second: Semaphore) =>
    pipe(Task.sleep(1), second.withPermits(1), Task.delay(1), first.withPermits(1))
  return Task.all([both(left, right), both(right, left)])
})

const forgetful = Task.gen(function* () {
  const group = yield* Group.make()
  yield* group.spawn(Task.forever(Task.sleep(10)), { name: 'heartbeat' })
  yield* Task.sleep(35)
})

let lent = 0
const borrow = Task.sync(() => {
  lent++
})
const giveBack = Task.sync(() => {
  lent--
})

const useAnd = (give: typeof giveBack) => () => {
  lent = 0
  return pipe(
    borrow,
    Task.flatMap(() => pipe(Task.sleep(10), Task.ensuring(give)))
  )
}

const safely = () => {
  lent = 0
  return Task.bracket(
    borrow,
    () => Task.sleep(10),
    () => giveBack
  )
}

const checkLent = (): void => {
  if (lent !== 0) throw new Error(`${lent} not given back`)
}

/** The interleaving of that schedule, as its log. */
export const logOf = async (schedule: string): Promise<ReadonlyArray<string>> => {
  const { log, task } = askTwice()
  await replay(task, schedule)
  return log
}

/** The search that fails, and the log of the interleaving that it has found. */
export const findRace = async () => {
  let log: ReadonlyArray<string> = []
  const make = () => {
    const program = askTwice()
    log = program.log
    return program.task
  }
  const error = await rejectionOf(explore(make, { check: () => checkLog(log) }))
  if (!(error instanceof ExploreError)) throw error
  const { message, schedule, runs, cause } = error
  return { message, schedule, runs, cause: String(cause), log: await logOf(schedule) }
}

/** The order of turns of each seed. */
const bySeeds = async () => {
  const found: Array<{ readonly seed: number; readonly schedule: string; readonly log: string }> = []
  for (let seed = 0; seed < 12; seed++) {
    const { log, task } = askTwice()
    const { schedule } = await runTest(task, { seed })
    found.push({ seed, schedule, log: log.join() })
  }
  return found
}

/** What depends on nothing but the program and its schedule. */
/** Each of the library's own objects as `String` and `JSON.stringify` show it. */
export const inWords = async (): Promise<ReadonlyArray<string>> => {
  const objects = Task.gen(function* () {
    const queue = yield* Queue.make<number>(2, { name: 'lines' })
    yield* queue.put(1)
    const fiber = yield* Task.currentFiber
    const task = pipe(Task.yieldNow, Task.named('a turn'))
    const group = yield* Group.make({ name: 'web' })
    const others = [new Deferred(), new Semaphore(2), new Latch(), new FiberLocal('none')]
    const shown = [task, queue, group, ...others].map((object) => `${object} ${JSON.stringify(object)}`)
    return [...shown, String(fiber).replace(/#\d+/, '#')]
  })
  const { exit } = await runTest(objects)
  return exit._tag === 'Right' ? exit.right : []
}

export const outcomes = async () => ({
  hour: (await runTest(Task.sleep(3_600_000))).elapsed,
  bySeeds: await bySeeds(),
  race: await findRace(),
  complete: await explore(safely, { check: checkLent }),
  deadlock: await toldOf(runTest(lockTwice, { patienceMs: 0 }), DeadlockError),
  leak: await toldOf(runTest(forgetful), LeakError),
  unsafe: await toldOf(sweepInterrupts(useAnd(giveBack), { check: checkLent }), ExploreError),
  safe: await sweepInterrupts(safely, { check: checkLent })
})

export type Outcomes = Awaited<ReturnType<typeof outcomes>>

const answerOf = ({ exit, elapsed }: TestRun<unknown, unknown>) => ({
  elapsed,
  answer: exit._tag === 'Right' ? exit.right : exit.left.reasons
})

/** An answer of the host that comes in time is one at no time at all: an hour is far, and a slow machine has a minute for it. */
const timely = async (task: Task.Task<unknown, unknown>) =>
  answerOf(await runTest(pipe(task, Task.timeout(3_600_000)), { patienceMs: 60_000 }))

const hexOf = (bytes: ArrayBuffer): string =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** Whether whoever waits for the host's timer is served while a program runs in a circle. */
const circling = async () => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 0)
  const { exit } = await runTest(Task.forever(Task.unit), { signal: controller.signal })
  return exit._tag === 'Left' ? exit.left.reasons.map(({ _tag }) => _tag) : exit.right
}

/** What the host answers while virtual time stands still, and that time goes on without one that does not. */
export const withHost = async (address: string) => ({
  data: await timely(
    Task.promise(async (signal) => (await fetch('data:text/plain,hello', { signal })).text())
  ),
  server: await timely(Task.promise(async (signal) => (await fetch(address, { signal })).text())),
  digest: await timely(
    Task.promise(async () => hexOf(await crypto.subtle.digest('SHA-256', new TextEncoder().encode('abc'))))
  ),
  callback: await timely(
    Task.async<never, string>((resume) => {
      setTimeout(() => resume(Task.succeed('called back')), 20)
    })
  ),
  unannounced: answerOf(
    await runTest(
      Task.suspend(() => {
        const deferred = new Deferred<never, string>()
        setTimeout(() => deferred.succeed('from outside'), 20)
        return deferred.wait()
      }),
      { patienceMs: 60_000 }
    )
  ),
  silent: (
    await runTest(
      pipe(
        Task.promise(() => new Promise(() => {})),
        Task.timeout(5000),
        Task.either
      )
    )
  ).elapsed,
  circling: await circling()
})
