/** A throw of a user's function is a defect with the thrown value, wherever the function was passed. */
import { call, callOnCancel, callOnDone, first, Schedule, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { none } from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, reasonsOf, summary } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'

const bug = Object.freeze({ what: 'thrown on purpose' })
const boom = (): never => {
  throw bug
}

async function* twoItems(): AsyncGenerator<number> {
  yield 1
  yield 2
}

const failing: Task.Task<string, number> = Task.fail('e')
const one: Task.Task<never, number> = Task.succeed(1)
const tagged: Task.Task<{ readonly _tag: 'A' }, number> = Task.fail({ _tag: 'A' as const })
const both = (): Task.Task<string, number> => Task.succeed(1)

/** Name, program; where the throw comes after a failure, that failure comes first among the reasons. */
const places: ReadonlyArray<readonly [string, () => Task.Task<unknown, unknown>]> = [
  ['sync', () => Task.sync(boom)],
  ['suspend', () => Task.suspend(boom)],
  ['promise, before there is one', () => Task.promise(boom)],
  ['promise, rejected', () => Task.promise(() => Promise.reject(bug))],
  ['tryCatch: onRejected', () => Task.tryCatch(() => Promise.reject(new Error('x')), boom)],
  ['tryCatch: onRejected after a sync throw', () => Task.tryCatch(boom, boom)],
  ['async: register', () => Task.async(boom)],
  [
    'gen, at once',
    () =>
      Task.gen(function* () {
        yield* one
        return boom()
      })
  ],
  ['gen, before the first yield', () => Task.gen(boom)],
  ['fromOption', () => Task.fromOption(boom)(none)],
  ['fromNullable', () => Task.fromNullable(boom)(null)],
  ['fromPredicate: predicate', () => Task.fromPredicate<number, string>(boom, String)(1)],
  ['fromPredicate: onFalse', () => Task.fromPredicate<number, string>(() => false, boom)(1)],
  ['fromIO', () => Task.fromIO(boom)],
  ['fromIOEither', () => Task.fromIOEither(boom)],
  ['fromTask', () => Task.fromTask(boom)],
  ['fromTaskEither', () => Task.fromTaskEither(boom)],
  ['map', () => pipe(one, Task.map(boom))],
  ['flatMap', () => pipe(one, Task.flatMap(boom))],
  ['tap', () => pipe(one, Task.tap(boom))],
  ['bind', () => pipe(Task.Do, Task.bind('a', boom))],
  ['let', () => pipe(Task.Do, Task.let('a', boom))],
  ['mapError', () => pipe(failing, Task.mapError(boom))],
  [
    'mapBoth, left',
    () =>
      pipe(
        failing,
        Task.mapBoth(boom, (n: number) => n)
      )
  ],
  [
    'mapBoth, right',
    () =>
      pipe(
        both(),
        Task.mapBoth((e: string) => e, boom)
      )
  ],
  ['orElse', () => pipe(failing, Task.orElse(boom))],
  ['catchTag', () => pipe(tagged, Task.catchTag('A', boom))],
  ['catchCause', () => pipe(failing, Task.catchCause(boom))],
  [
    'match, failure',
    () =>
      pipe(
        failing,
        Task.match(boom, () => 1)
      )
  ],
  [
    'match, success',
    () =>
      pipe(
        both(),
        Task.match(() => 1, boom)
      )
  ],
  [
    'matchTask, failure',
    () =>
      pipe(
        failing,
        Task.matchTask(boom, () => one)
      )
  ],
  [
    'matchTask, success',
    () =>
      pipe(
        both(),
        Task.matchTask(() => one, boom)
      )
  ],
  ['getOrElse', () => pipe(failing, Task.getOrElse(boom))],
  ['ensuring', () => pipe(one, Task.ensuring(Task.sync(boom)))],
  ['onExit', () => pipe(one, Task.onExit(boom))],
  [
    'bracket: acquire',
    () =>
      Task.bracket(
        Task.sync(boom),
        () => one,
        () => Task.unit
      )
  ],
  ['bracket: use', () => Task.bracket(one, boom, () => Task.unit)],
  ['bracket: release', () => Task.bracket(one, () => one, boom)],
  ['uninterruptible', () => Task.uninterruptible(Task.sync(boom))],
  ['uninterruptibleMask', () => Task.uninterruptibleMask(boom)],
  ['uncancellable', () => pipe(Task.sync(boom), Task.uncancellable())],
  ['timeout', () => pipe(Task.sync(boom), Task.timeout(5))],
  ['race, both sides', () => pipe(Task.sync(boom), Task.race(Task.sync(boom)))],
  ['all', () => Task.all([one, Task.sync(boom)])],
  ['forEach', () => pipe([1], Task.forEach(boom))],
  ['forEach over an async iterable', () => pipe(twoItems(), Task.forEach(boom, { concurrency: 2 }))],
  [
    'forEach: an iterable that throws',
    () =>
      pipe(
        { [Symbol.iterator]: boom },
        Task.forEach(() => one)
      )
  ],
  [
    'forEach: next() throws',
    () =>
      pipe(
        { [Symbol.iterator]: () => ({ next: boom }) },
        Task.forEach(() => one)
      )
  ],
  [
    'forEach: next() rejects',
    () =>
      pipe(
        { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(bug) }) },
        Task.forEach(() => one)
      )
  ],
  [
    'raceAll: an iterable that throws',
    () => Task.raceAll({ [Symbol.iterator]: boom } as Iterable<Task.Task<never, number>>)
  ],
  ['withGroup', () => Task.withGroup(boom)],
  [
    'retry: whileInput',
    () => pipe(failing, Task.retry(pipe(Schedule.recurs(3), Schedule.whileInput<string>(boom))))
  ],
  [
    'repeat: whileInput',
    () => pipe(one, Task.repeat(pipe(Schedule.recurs(3), Schedule.whileInput<number>(boom))))
  ],
  ['call', () => call(boom)],
  ['call, a rejected promise', () => call(() => Promise.reject(bug))],
  ['callOnDone', () => callOnDone(one, boom)],
  ['callOnCancel', () => pipe(callOnCancel(boom), Task.timeout(1))],
  ['first: predicate', () => first(twoItems(), boom)],
  [
    'first: next() rejects',
    () => first({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(bug) }) })
  ]
]

describe("a throw of a user's function is a Die with that value (3)", () => {
  it.each(places)('%s', async (_name, build) => {
    const { exit } = await runVirtual(build())
    const defects = reasonsOf(exit).flatMap((reason) => (reason._tag === 'Die' ? [reason.defect] : []))
    expect(defects.length, JSON.stringify(summary(exit))).toBeGreaterThanOrEqual(1)
    for (const defect of defects) expect(defect).toBe(bug)
  })

  it.each(places)('%s, with a budget of one operation', async (_name, build) => {
    const { exit } = await runVirtual(build(), { yieldEvery: 1 })
    expect(reasonsOf(exit).some((reason) => reason._tag === 'Die' && reason.defect === bug)).toBe(true)
  })

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'oops'],
    ['a function', () => 1],
    ['a Task', Task.succeed(1)],
    ['a promise', Promise.resolve()],
    ['an object without prototype', Object.create(null)]
  ])('also if the value is %s', async (_name, thrown: unknown) => {
    const { exit } = await runVirtual(
      Task.sync(() => {
        throw thrown
      })
    )
    const reason = reasonsOf(exit)[0]
    expect(reason?._tag).toBe('Die')
    expect(reason?._tag === 'Die' && reason.defect === thrown).toBe(true)
  })

  it('a defect passes a typed handler, and a handler that throws leaves no typed failure', async () => {
    const ran: Array<string> = []
    const handled = pipe(
      Task.sync(boom),
      Task.orElse(() => {
        ran.push('orElse')
        return one
      }),
      Task.either
    )
    const { exit } = await runVirtual(handled)
    expect(ran).toEqual([])
    expect(summary(exit)).toEqual(failure(Die(bug)))
  })

  it('tapError that throws: the original failure comes first (4)', async () => {
    const { exit } = await runVirtual(pipe(failing, Task.tapError(boom)))
    expect([failure(Fail('e'), Die(bug)), failure(Die(bug))]).toContainEqual(summary(exit))
  })

  it('a finalizer that throws during a failure: first the error, then the thrown value (4)', async () => {
    const { exit } = await runVirtual(pipe(failing, Task.onExit(boom)))
    expect(summary(exit)).toEqual(failure(Fail('e'), Die(bug)))
  })
})
