/** A resource that is acquired while the caller is interrupted, or while the group closes, has an owner at every moment (21, 27). */
import { Deferred, Group, Latch, Queue, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Fail, failure, lateResults, leftOf, reasonsOf, rightOf, success, summary } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'

type Work = Task.Task<unknown, unknown>

interface Pool {
  readonly group: Group<never>
  readonly log: Array<string>
  /** Takes 20 ms. */
  readonly acquire: Task.Task<unknown, string>
}

const withPool = (body: (pool: Pool) => Work) =>
  Task.gen(function* () {
    const log: Array<string> = []
    const group = yield* Group.make()
    const connect = pipe(
      Task.sleep(20),
      Task.map(() => {
        log.push('open')
        return 'connection'
      })
    )
    const acquire = group.acquire(connect, () => Task.sync(() => log.push('close')))
    const exit = yield* Task.exit(body({ group, log, acquire }))
    const held = [...log]
    yield* group.asyncClose()
    return { exit, held, log }
  })

const played = async (body: (pool: Pool) => Work) => {
  const { exit } = await runVirtual(withPool(body))
  return rightOf(exit)
}

describe('a resource that is acquired after the timeout', () => {
  it.each([
    ['nothing', (task: Work): Work => task],
    ['ensuring', Task.ensuring(Task.unit)],
    [
      'a bracket',
      (task: Work): Work =>
        Task.bracket(
          Task.unit,
          () => task,
          () => Task.unit
        )
    ],
    ['another timeout', Task.timeout(1000)],
    ['a race', Task.race(Task.never)]
  ] as const)('is the result through %s, and is kept until the group closes (10, 27)', async (_, around) => {
    const { exit, held, log } = await played(({ acquire }) => pipe(around(acquire), Task.timeout(10)))
    expect(summary(exit)).toEqual(success('connection'))
    expect(held).toEqual(['open'])
    expect(log).toEqual(['open', 'close'])
  })

  it('is released at once if other operations would use it (27)', async () => {
    const { exit, held, log } = await played(({ acquire }) =>
      pipe(
        acquire,
        Task.map((name) => name),
        Task.timeout(10)
      )
    )
    expect(reasonsOf(exit)).toMatchObject([{ error: { _tag: 'TimeoutError' } }])
    expect(held).toEqual(['open', 'close'])
    expect(log).toEqual(held)
  })
})

describe('a resource whose caller was interrupted', () => {
  it.each([
    ['loses a race', ({ acquire }: Pool): Work => pipe(acquire, Task.race(Task.sleep(5)))],
    [
      'is in the cause beside a failure',
      ({ acquire }: Pool): Work =>
        Task.all([
          acquire,
          pipe(
            Task.sleep(5),
            Task.flatMap(() => Task.fail('no'))
          )
        ])
    ],
    [
      'is interrupted within a timeout',
      ({ acquire }: Pool): Work =>
        Task.withGroup<unknown, unknown, unknown>((group) =>
          Task.gen(function* () {
            const fiber = yield* group.spawn(pipe(acquire, Task.timeout(1000)))
            yield* Task.sleep(5)
            const exit = yield* fiber.interrupt()
            expect(lateResults(exit)).toEqual([])
            expect(reasonsOf(exit).map(({ _tag }) => _tag)).toEqual(['Interrupt'])
          })
        )
    ],
    [
      'is interrupted within two timeouts and a bracket',
      ({ acquire }: Pool): Work =>
        Task.withGroup<unknown, unknown, unknown>((group) =>
          Task.gen(function* () {
            const inner = Task.bracket(
              Task.unit,
              () => pipe(acquire, Task.timeout(1000)),
              () => Task.unit
            )
            const fiber = yield* group.spawn(pipe(inner, Task.timeout(1000)))
            yield* Task.sleep(5)
            expect(lateResults(yield* fiber.interrupt())).toEqual([])
          })
        )
    ],
    ...[
      ['uncancellable', Task.uncancellable()],
      [
        'uncancellable with a cleanup around and inside',
        (task: Work): Work =>
          pipe(task, Task.ensuring(Task.unit), Task.uncancellable(), Task.ensuring(Task.unit))
      ],
      ['a mask within uncancellable', (task: Work): Work => Task.uncancellable()(Task.uninterruptible(task))]
    ].map(
      ([what, around]) =>
        [
          `is interrupted in ${what}`,
          ({ acquire }: Pool): Work =>
            Task.withGroup<unknown, unknown, unknown>((group) =>
              Task.gen(function* () {
                const fiber = yield* group.spawn((around as (task: Work) => Work)(acquire))
                yield* Task.sleep(5)
                const exit = yield* fiber.interrupt()
                expect(reasonsOf(exit).map(({ _tag }) => _tag)).toEqual(['Interrupt'])
                expect(lateResults(exit)).toEqual([])
              })
            )
        ] as const
    )
  ] as const)('is released at once if the acquisition %s (27)', async (_, body) => {
    const { held, log } = await played(body)
    expect(held).toEqual(['open', 'close'])
    expect(log).toEqual(held)
  })

  it('is the result of a timeout around uncancellable, and is kept (10, 34, 35)', async () => {
    const { exit, held } = await played(({ acquire }) =>
      pipe(acquire, Task.uncancellable(), Task.timeout(10))
    )
    expect(summary(exit)).toEqual(success('connection'))
    expect(held).toEqual(['open'])
  })

  it('is kept if uncancellable absorbs the interruption (34)', async () => {
    const { held } = await played(({ acquire }) =>
      Task.withGroup<unknown, unknown, unknown>((group) =>
        Task.gen(function* () {
          const fiber = yield* group.spawn(pipe(acquire, Task.uncancellable({ raiseCancel: false })))
          yield* Task.sleep(5)
          expect(summary(yield* fiber.interrupt())).toEqual(success('connection'))
        })
      )
    )
    expect(held).toEqual(['open'])
  })

  it('is returned to fibers that join, if no operation follows it (10, 26)', async () => {
    const { held, log } = await played(({ acquire }) =>
      Task.withGroup<unknown, unknown, unknown>((group) =>
        Task.gen(function* () {
          const fiber = yield* group.spawn(acquire)
          yield* Task.sleep(5)
          expect(summary(yield* fiber.interrupt())).toEqual(success('connection'))
        })
      )
    )
    expect(held).toEqual(['open'])
    expect(log).toEqual(['open', 'close'])
  })

  it('is not retained by a hundred timeouts', async () => {
    const { held } = await played(({ acquire }) =>
      pipe(
        Array.from({ length: 100 }, (_, index) => index),
        Task.forEach(() =>
          pipe(
            acquire,
            Task.map((name) => name),
            Task.timeout(10),
            Task.orElse(() => Task.unit)
          )
        )
      )
    )
    expect(held.filter((line) => line === 'open')).toHaveLength(100)
    expect(held.filter((line) => line === 'close')).toHaveLength(100)
  })
})

describe('an acquisition that would block the close of its own group', () => {
  const closing: Record<string, (group: Group<never>) => Work> = {
    'closes it and waits': (group) => group.asyncClose(),
    'waits until it is closed': (group) => group.waitClosed(),
    'does so after a failure': (group) =>
      pipe(
        Task.fail('refused'),
        Task.tapError(() => group.asyncClose())
      ),
    'does so in a fiber of its own': (group) => Task.all([group.asyncClose(), Task.unit])
  }

  it.each(Object.entries(closing))('dies or is interrupted if it %s (21)', async (_, body) => {
    const program = Task.gen(function* () {
      const group = yield* Group.make()
      const exit = yield* Task.exit(group.acquire(body(group), () => Task.unit))
      yield* group.asyncClose()
      return exit
    })
    const { exit } = await runVirtual(program)
    leftOf(rightOf(exit))
  })

  it('dies with a message that says so', async () => {
    const group = new Group()
    const { exit } = await runVirtual(group.acquire(group.asyncClose(), () => Task.unit))
    expect(reasonsOf(exit)).toMatchObject([{ _tag: 'Die' }])
    expect(String(reasonsOf(exit)[0]?._tag === 'Die' && reasonsOf(exit)[0])).toBeDefined()
    const [reason] = reasonsOf(exit)
    expect(reason?._tag === 'Die' && String(reason.defect)).toMatch(
      /waits in an uninterruptible region until its own group .* is closed, which can never come/
    )
  })

  const stopped = new Error('never')
  const events: Record<string, (event: Deferred<never, void>) => Work> = {
    'a Deferred': (event) => event.wait(),
    'a Deferred, in all': (event) => Task.all([event.wait(), event.wait()]),
    'a Deferred, after a while': (event) => pipe(event.wait(), Task.delay(250)),
    'a Latch': () => new Latch().wait(),
    'a Queue': () => new Queue<number>().get()
  }

  describe.each([
    ['a fiber of the group', true],
    ['another fiber', false]
  ])('as %s', (_, isMember) => {
    it.each(Object.entries(events))(
      'dies if it waits for %s that a stopped fiber would complete (21)',
      async (_, wait) => {
        const program = Task.withGroup<unknown, unknown, unknown>((outer) =>
          Task.gen(function* () {
            const group = yield* Group.make<unknown>({ onFailure: () => undefined })
            const event = new Deferred<never, void>()
            yield* group.spawn(
              pipe(
                Task.sleep(10),
                Task.map(() => event.succeed(undefined))
              )
            )
            const home: Group<unknown> = isMember ? group : outer
            const fiber = yield* home.spawn(Task.exit(group.acquire(wait(event), () => Task.die(stopped))))
            yield* Task.sleep(5)
            yield* group.asyncClose()
            const exit = yield* fiber.wait()
            expect(exit).toMatchObject({ _tag: exit._tag })
            return exit
          })
        )
        const { exit } = await runVirtual(program)
        rightOf(exit)
        const text = JSON.stringify(exit, (_, inner: unknown) =>
          inner instanceof Error ? inner.message : inner
        )
        expect(text).toContain('while all fibers of that group have ended')
      }
    )
  })

  it('keeps waiting for what completes without the group: a permit, a sleep, a fiber', async () => {
    const program = Task.withGroup<unknown, unknown, unknown>((outer) =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const other = yield* outer.spawn(Task.sleep(500))
        const fiber = yield* outer.spawn(Task.exit(group.acquire(other.join(), () => Task.unit)))
        yield* Task.sleep(5)
        yield* group.asyncClose()
        return summary(yield* fiber.join())
      })
    )
    const { exit, elapsed } = await runVirtual(program)
    expect(elapsed).toBe(500)
    expect(summary(exit)).toMatchObject(success(failure(Fail({ _tag: 'GroupClosedError' }))))
  })
})
