/** Bugs of interruption in other libraries: returned too early, lost, reported as something else, or with the loss of a failure. */
import { type Fiber, Group, Task } from 'aio-ts'
import { runTest } from 'aio-ts/testing'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { withFibers } from '../support/every-order.js'
import { Die, Fail, failure, Interrupt, rightOf, summary, tagsOf } from '../support/exits.js'

/** A fiber, `ms` after its beginning, in the hands of `then`. What it fails with is nobody else's business. */
const after = (
  ms: number,
  task: Task.Task<unknown, unknown>,
  then: (fiber: Fiber<unknown, unknown>) => Generator<Task.Task<any, any>, void, any>
) =>
  runTest(
    Task.gen(function* () {
      const group = yield* Group.make<unknown>({ onFailure: () => {} })
      const fiber = yield* group.spawn(task)
      yield* Task.sleep(ms)
      yield* then(fiber)
      yield* group.asyncClose()
    })
  )

describe('an interrupting fiber', () => {
  test('waits for a finalizer that had already started, which runs to its end (cats-effect#721)', async () => {
    const log: Array<string> = []
    const say = (word: string) => Task.sync(() => void log.push(word))
    const cleanUp = pipe(
      say('clean-up begins'),
      Task.flatMap(() => Task.sleep(5)),
      Task.flatMap(() => say('clean-up ends'))
    )
    const run = await after(2, pipe(Task.unit, Task.ensuring(cleanUp)), function* (fiber) {
      yield* fiber.interrupt()
      yield* say('back')
    })
    rightOf(run.exit)
    expect([log, run.elapsed]).toEqual([['clean-up begins', 'clean-up ends', 'back'], 5])
  })

  test('waits for an uninterruptible region (cats-effect#962)', async () => {
    let isDone = false
    const region = pipe(
      Task.sleep(10),
      Task.map(() => void (isDone = true)),
      Task.uninterruptible
    )
    const run = await after(1, region, function* (fiber) {
      yield* fiber.interrupt()
      expect(isDone).toBe(true)
    })
    rightOf(run.exit)
    expect(run.elapsed).toBe(10)
  })

  test('waits for the finalizers, also of child fibers (ZIO#94, effection#1153)', async () => {
    const log: Array<string> = []
    const slow = (name: string) =>
      pipe(
        Task.never,
        Task.ensuring(
          pipe(
            Task.sleep(5),
            Task.map(() => void log.push(name))
          )
        )
      )
    const whole = pipe(
      Task.all([slow('a'), slow('b')]),
      Task.ensuring(
        pipe(
          Task.sleep(5),
          Task.map(() => void log.push('outer'))
        )
      )
    )
    const run = await after(1, whole, function* (fiber) {
      yield* fiber.interrupt()
      log.push('back')
    })
    rightOf(run.exit)
    expect(log).toEqual(['a', 'b', 'outer', 'back'])
  })

  test('receives the failure of a cleanup, and no other (effection#1235)', async () => {
    const failing = pipe(Task.fail('body'), Task.ensuring(Task.sleep(10)))
    const run = await after(5, failing, function* (fiber) {
      expect(summary(yield* fiber.interrupt())).toEqual(failure(Fail('body')))
    })
    rightOf(run.exit)
  })

  test('that handles the defect of a cleanup does not fail with it, nor do other fibers (effection#1128)', async () => {
    const heard: Array<unknown> = []
    const boom = new Error('boom')
    const run = await runTest(
      Task.gen(function* () {
        const group = yield* Group.make({
          onFailure: (cause) => void heard.push(cause.reasons.map((r) => r._tag))
        })
        const other = yield* group.spawn(pipe(Task.sleep(20), Task.as('unharmed')))
        const dying = yield* group.spawn(
          Task.gen(function* () {
            try {
              yield* Task.never
            } finally {
              // biome-ignore lint/correctness/noUnsafeFinally: that is what goes wrong here.
              throw boom
            }
          })
        )
        yield* Task.sleep(1)
        expect(summary(yield* dying.interrupt())).toEqual(failure(Interrupt, Die(boom)))
        const value = yield* other.join()
        yield* group.asyncClose()
        return value
      })
    )
    expect(rightOf(run.exit)).toBe('unharmed')
    expect(heard).toEqual([['Interrupt', 'Die']])
  })
})

test('a finalizer that throws stops no other, and hides no failure (effection#78)', async () => {
  const log: Array<string> = []
  const say = (word: string) => Task.sync(() => void log.push(word))
  const { exit } = await runTest(
    pipe(
      Task.fail('body'),
      Task.ensuring(say('first')),
      Task.onExit((): Task.Task<never, void> => {
        throw 'thrown'
      }),
      Task.ensuring(say('last'))
    )
  )
  expect([log, summary(exit)]).toEqual([['first', 'last'], failure(Fail('body'), Die('thrown'))])
})

test('a loop around a scope with a race in it ends with the first round (effection#1185)', async () => {
  const log: Array<string> = []
  function* round(name: number): Generator<Task.Task<never, any>, void, any> {
    log.push(`${name} begins`)
    try {
      yield* Task.withGroup(() => pipe(Task.sleep(5000), Task.race(Task.never)))
    } finally {
      // Over several turns, as of a scope that stops what runs in it.
      yield* Task.sleep(1)
      yield* Task.sleep(1)
      log.push(`${name} ends`)
    }
    log.push(`${name} went on`)
  }
  const rounds = Task.gen(function* () {
    for (const name of [1, 2, 3]) {
      try {
        yield* round(name)
      } finally {
        yield* Task.sleep(1)
      }
    }
    log.push('went on')
  })
  const run = await after(10, rounds, function* (fiber) {
    expect(summary(yield* fiber.interrupt())).toEqual(failure(Interrupt))
  })
  rightOf(run.exit)
  expect(log).toEqual(['1 begins', '1 ends'])
})

describe('a fiber that is interrupted by its own operation', () => {
  const self = pipe(
    Task.currentFiber,
    Task.map((fiber) => fiber.interruptNowait())
  )

  test('cleans up once, and does not succeed after its next wait (Effect#6484)', async () => {
    const log: Array<string> = []
    const say = (word: string) => Task.sync(() => void log.push(word))
    for (const wait of [Task.sleep(1), Task.never, Task.yieldNow]) {
      log.length = 0
      const task = pipe(
        self,
        Task.flatMap(() => say('runs on')),
        Task.flatMap(() => wait),
        Task.flatMap(() => say('too far')),
        Task.ensuring(say('clean-up')),
        Task.ensuring(say('outer'))
      )
      const { exit } = await runTest(task, { yieldEvery: 2048 })
      expect([tagsOf(exit), log]).toEqual([['Interrupt'], ['runs on', 'clean-up', 'outer']])
    }
  })

  test('is not run reentrantly (Effect#6410)', () =>
    withFibers(function* (group) {
      let depth = 0
      const fiber = yield* group.spawn(
        pipe(
          Task.currentFiber,
          Task.map((own) => {
            depth++
            own.interruptNowait()
            expect(depth).toBe(1)
            depth--
          }),
          Task.ensuring(Task.sync(() => expect(depth).toBe(0))),
          Task.flatMap(() => Task.never)
        )
      )
      expect(summary(yield* fiber.wait())).toEqual(failure(Interrupt))
    }))
})
