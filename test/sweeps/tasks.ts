/** A program for each name that `aio-ts/Task` exports. The type has them all. */
import { Cause, Exit, Schedule, Task } from 'aio-ts'
import { left, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { some } from 'fp-ts/lib/Option.js'
import { Die, Fail, failure, Interrupt, success } from '../support/exits.js'
import type { Sweep } from './operation.js'

/** A callback API whose callback comes from another fiber. */
const calledBack: Task.Task<never, string> = Task.suspend(() => {
  let resume: (task: Task.Task<never, string>) => void = () => {}
  const waiting = Task.async<never, string>((callback) => {
    resume = callback
    return Task.yieldNow
  })
  const calling = pipe(
    Task.sleep(2),
    Task.map(() => resume(Task.succeed('called')))
  )
  return pipe(
    Task.all([waiting, calling]),
    Task.map(([called]) => called)
  )
})

export const tasks: { readonly [K in keyof typeof Task]: Sweep } = {
  // ---- constructors
  succeed: [({ work }) => Task.flatMap(() => Task.succeed(1))(work(0)), success(1)],
  of: [({ work }) => Task.flatMap(() => Task.of(1))(work(0)), success(1)],
  fail: [({ work }) => Task.flatMap(() => Task.fail('e'))(work(0)), failure(Fail('e'))],
  die: [({ work }) => Task.flatMap(() => Task.die('d'))(work(0)), failure(Die('d'))],
  failCause: [({ work }) => Task.flatMap(() => Task.failCause(Cause.fail('e')))(work(0)), failure(Fail('e'))],
  fromExit: [({ work }) => Task.flatMap(() => Task.fromExit(Exit.succeed(1)))(work(0)), success(1)],
  sync: [({ work }) => Task.flatMap(() => Task.sync(() => 1))(work(0)), success(1)],
  suspend: [({ work }) => Task.suspend(() => work(1)), success(1)],
  unit: [({ work }) => Task.flatMap(() => work(1))(Task.unit), success(1)],
  tryCatch: [({ around }) => around(Task.tryCatch(async () => 1, String)), success(1)],
  promise: [({ around }) => around(Task.promise(async () => 1)), success(1)],
  async: [({ around }) => around(calledBack), success('called')],
  never: [({ around }) => pipe(around(Task.never), Task.race(Task.sleep(5))), success(undefined)],
  interrupt: [({ around }) => around(Task.interrupt), failure(Interrupt)],
  yieldNow: [({ around }) => around(Task.as(1)(Task.yieldNow)), success(1)],
  sleep: [({ around }) => around(Task.as(1)(Task.sleep(5))), success(1)],
  now: [({ work }) => Task.flatMap((ms: number) => work(ms >= 0))(Task.now), success(true)],
  random: [({ work }) => Task.flatMap((x: number) => work(x >= 0 && x < 1))(Task.random), success(true)],
  currentFiber: [
    ({ work }) =>
      pipe(
        Task.currentFiber,
        Task.flatMap((fiber) => work(fiber.status()._tag))
      ),
    success('Running')
  ],
  signal: [
    ({ work }) =>
      pipe(
        Task.signal,
        Task.flatMap((signal) => work(signal.aborted))
      ),
    success(false)
  ],
  gen: [
    ({ work }) =>
      Task.gen(function* () {
        const a = yield* work(1)
        try {
          return a + (yield* work(1))
        } finally {
          yield* work(0)
        }
      }),
    success(2)
  ],
  fn: [
    ({ work }) =>
      Task.fn('swept', function* (n: number) {
        try {
          return n + (yield* work(1))
        } finally {
          yield* work(0)
        }
      })(1),
    success(2)
  ],

  // ---- from and to fp-ts
  fromEither: [({ work }) => Task.flatMap(work)(Task.fromEither(right(1))), success(1)],
  fromOption: [({ work }) => Task.flatMap(work)(Task.fromOption(() => 'none')(some(1))), success(1)],
  fromNullable: [({ work }) => Task.flatMap(work)(Task.fromNullable(() => 'null')(1)), success(1)],
  fromPredicate: [
    ({ work }) =>
      Task.flatMap(work)(
        Task.fromPredicate(
          (n: number) => n > 0,
          () => 'no'
        )(1)
      ),
    success(1)
  ],
  fromIO: [({ work }) => Task.flatMap(work)(Task.fromIO(() => 1)), success(1)],
  fromIOEither: [({ work }) => Task.flatMap(work)(Task.fromIOEither(() => left('e'))), failure(Fail('e'))],
  fromTask: [({ around }) => around(Task.fromTask(async () => 1)), success(1)],
  fromTaskEither: [({ around }) => around(Task.fromTaskEither(async () => left('e'))), failure(Fail('e'))],
  toTaskEither: [
    ({ around }) => around(Task.fromTaskEither(Task.toTaskEither(Task.fail('e')))),
    failure(Fail('e'))
  ],

  // ---- sequence
  map: [({ work }) => Task.map((n: number) => n + 1)(work(1)), success(2)],
  as: [({ work }) => Task.as(2)(work(1)), success(2)],
  asUnit: [({ work }) => Task.asUnit(work(1)), success(undefined)],
  flatMap: [({ work }) => Task.flatMap((n: number) => work(n + 1))(work(1)), success(2)],
  flatten: [({ work }) => Task.flatten(work(work(1))), success(1)],
  tap: [({ work }) => Task.tap(() => work(2))(work(1)), success(1)],
  forever: [
    ({ work }) =>
      pipe(
        Task.forever(pipe(work(1), Task.delay(2))),
        Task.timeout(7),
        Task.match(
          (error) => error._tag,
          () => 'ended'
        )
      ),
    success('TimeoutError')
  ],
  delay: [({ work }) => Task.delay(5)(work(1)), success(1)],
  Do: [({ work }) => Task.flatMap(() => work(1))(Task.Do), success(1)],
  bindTo: [({ work }) => Task.bindTo('a')(work(1)), success({ a: 1 })],
  bind: [
    ({ work }) =>
      pipe(
        Task.Do,
        Task.bind('a', () => work(1)),
        Task.bind('b', ({ a }) => work(a + 1))
      ),
    success({ a: 1, b: 2 })
  ],
  let: [
    ({ work }) =>
      pipe(
        work({ a: 1 }),
        Task.let('b', ({ a }) => a + 1)
      ),
    success({ a: 1, b: 2 })
  ],
  apS: [({ work }) => pipe(work({ a: 1 }), Task.apS('b', work(2))), success({ a: 1, b: 2 })],
  ap: [
    ({ work }) =>
      pipe(
        work((n: number) => n + 1),
        Task.ap(work(1))
      ),
    success(2)
  ],
  zip: [({ work }) => pipe(work(1), Task.zip(work(2))), success([1, 2])],
  when: [({ work }) => Task.when(true)(work(1)), success(undefined)],
  unless: [({ work }) => Task.unless(false)(work(1)), success(undefined)],
  named: [({ work }) => Task.named('a name')(work(1)), success(1)],

  // ---- errors
  mapError: [
    ({ around }) => Task.mapError((e: string) => `${e}!`)(around(Task.fail('e'))),
    failure(Fail('e!'))
  ],
  mapBoth: [({ work }) => Task.mapBoth(String, (n: number) => n + 1)(work(1)), success(2)],
  orElse: [({ work, around }) => Task.orElse(() => work(1))(around(Task.fail('e'))), success(1)],
  catchTag: [
    ({ work, around }) =>
      pipe(
        around(Task.fail({ _tag: 'E' as const })),
        Task.catchTag('E', () => work(1))
      ),
    success(1)
  ],
  // What it handles may be on its way when the interruption comes, which no handler stops.
  catchCause: [
    ({ work, around }) => Task.catchCause(() => work(1))(around(Task.die('d'))),
    success(1),
    failure(Die('d'))
  ],
  tapError: [({ work, around }) => Task.tapError(() => work(1))(around(Task.fail('e'))), failure(Fail('e'))],
  match: [({ around }) => Task.match(String, () => 'value')(around(Task.fail('e'))), success('e')],
  matchTask: [
    ({ work, around }) =>
      Task.matchTask(
        () => work(1),
        () => work(2)
      )(around(Task.fail('e'))),
    success(1)
  ],
  getOrElse: [({ around }) => Task.getOrElse(() => 1)(around(Task.fail('e'))), success(1)],
  either: [({ around }) => Task.either(around(Task.fail('e'))), success(left('e'))],
  exit: [
    ({ around }) =>
      pipe(
        Task.exit(around(Task.die('d'))),
        Task.map((exit) => exit._tag)
      ),
    success('Left'),
    failure(Die('d'))
  ],
  orDie: [({ around }) => Task.orDie(around(Task.fail('e'))), failure(Die('e'))],

  // ---- finalizers and interruption
  ensuring: [({ work }) => Task.ensuring(work(2))(work(1)), success(1)],
  onExit: [({ work }) => Task.onExit(() => work(2))(work(1)), success(1)],
  onInterrupt: [({ work, around }) => Task.onInterrupt(work(2))(around(Task.interrupt)), failure(Interrupt)],
  bracket: [
    ({ work }) =>
      Task.bracket(
        work(1),
        (n) => work(n + 1),
        () => work(0)
      ),
    success(2)
  ],
  uninterruptible: [({ work }) => Task.flatMap(work)(Task.uninterruptible(work(1))), success(1)],
  interruptible: [
    ({ work }) => Task.uninterruptible(Task.flatMap(work)(Task.interruptible(work(1)))),
    success(1)
  ],
  uninterruptibleMask: [
    ({ work }) => Task.uninterruptibleMask((restore) => Task.flatMap(work)(restore(work(1)))),
    success(1)
  ],
  uncancellable: [
    ({ work }) =>
      pipe(work(1), Task.uncancellable(), Task.flatMap(work), Task.uncancellable({ raiseCancel: false })),
    success(1)
  ],

  // ---- time
  timeout: [({ work }) => Task.timeout(5)(work(1)), success(1)],
  retry: [
    ({ around }) =>
      pipe(
        around(Task.fail('e')),
        Task.retry(pipe(Schedule.spaced(3), Schedule.intersect(Schedule.recurs(2))))
      ),
    failure(Fail('e'))
  ],
  repeat: [({ work }) => Task.repeat(Schedule.recurs(2))(work(1)), success(1)],

  // ---- concurrency
  race: [
    ({ work, around }) => pipe(Task.delay(3)(work('a')), Task.race(around(Task.delay(9)(work('b'))))),
    success('a')
  ],
  raceAll: [
    ({ work, around }) => Task.raceAll([around(Task.never), work('a'), around(Task.fail('e'))]),
    success('a')
  ],
  all: [
    ({ work }) => Task.all({ a: work(1), b: Task.delay(3)(work(2)), c: work(3) }, { concurrency: 2 }),
    success({ a: 1, b: 2, c: 3 })
  ],
  forEach: [
    ({ work }) =>
      pipe(
        [1, 2, 3],
        Task.forEach((n) => work(n), { concurrency: 2 })
      ),
    success([1, 2, 3])
  ],
  withGroup: [
    ({ work, around }) =>
      Task.withGroup((group) =>
        Task.gen(function* () {
          yield* group.spawn(around(Task.never))
          const fiber = yield* group.spawn(work(1))
          return yield* fiber.join()
        })
      ),
    success(1)
  ]
}
