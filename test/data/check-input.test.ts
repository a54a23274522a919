/** Bad input gives an error at the place of the mistake, which names what was given and what was expected; never a hang. */
import { makeRuntime, runFork, runSync, runTask, runTaskExit, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { success, summary } from '../support/exits.js'
import { runDefect } from '../support/kit.js'
import { Machine } from '../support/machine.js'

type AnyTask = Task.Task<never, number>
const asTask = (wrong: unknown): AnyTask => wrong as AnyTask

const wrongs: ReadonlyArray<readonly [string, unknown, RegExp]> = [
  ['undefined', undefined, /undefined/],
  ['null', null, /null/],
  ['a number', 42, /42|number/],
  ['a string', 'text', /text|string/],
  ['a promise', Promise.resolve(1), /promise/i],
  ['a function', () => Task.unit, /function/],
  ['an object', { a: 1 }, /object/i],
  ['a generator', (function* () {})(), /generator|object/i],
  ['an array of tasks', [Task.unit], /array|object/i]
]

const places: ReadonlyArray<readonly [string, (wrong: AnyTask) => Task.Task<unknown, unknown>]> = [
  [
    'flatMap',
    (wrong) =>
      pipe(
        Task.unit,
        Task.flatMap(() => wrong)
      )
  ],
  ['flatten', (wrong) => Task.flatten(Task.succeed(wrong))],
  [
    'tap',
    (wrong) =>
      pipe(
        Task.unit,
        Task.tap(() => wrong)
      )
  ],
  ['suspend', (wrong) => Task.suspend(() => wrong)],
  [
    'orElse',
    (wrong) =>
      pipe(
        Task.fail('e'),
        Task.orElse(() => wrong)
      )
  ],
  [
    'catchTag',
    (wrong) =>
      pipe(
        Task.fail({ _tag: 'A' as const }),
        Task.catchTag('A', () => wrong)
      )
  ],
  [
    'catchCause',
    (wrong) =>
      pipe(
        Task.fail('e'),
        Task.catchCause(() => wrong)
      )
  ],
  [
    'matchTask, success',
    (wrong) =>
      pipe(
        Task.unit,
        Task.matchTask(
          () => wrong,
          () => wrong
        )
      )
  ],
  [
    'matchTask, failure',
    (wrong) =>
      pipe(
        Task.fail('e'),
        Task.matchTask(
          () => wrong,
          () => wrong
        )
      )
  ],
  [
    'bind',
    (wrong) =>
      pipe(
        Task.Do,
        Task.bind('a', () => wrong)
      )
  ],
  [
    'the use of a bracket',
    (wrong) =>
      Task.bracket(
        Task.unit,
        () => wrong,
        () => Task.unit
      )
  ],
  [
    'the release of a bracket',
    (wrong) =>
      Task.bracket(
        Task.unit,
        () => Task.unit,
        () => wrong
      )
  ],
  [
    'onExit',
    (wrong) =>
      pipe(
        Task.unit,
        Task.onExit(() => wrong)
      )
  ],
  ['uninterruptibleMask', (wrong) => Task.uninterruptibleMask(() => wrong)],
  ['resume', (wrong) => Task.async((resume) => resume(wrong))],
  [
    'forEach',
    (wrong) =>
      pipe(
        [1],
        Task.forEach(() => wrong)
      )
  ],
  ['withGroup', (wrong) => Task.withGroup(() => wrong)],
  ['all, as a member', (wrong) => Task.all([wrong])],
  ['all, in a record', (wrong) => Task.all({ a: wrong })],
  ['raceAll', (wrong) => Task.raceAll([wrong])],
  ['race', (wrong) => pipe(wrong, Task.race(wrong))],
  [
    'map, as the mapped task',
    (wrong) =>
      pipe(
        wrong,
        Task.map((n) => n)
      )
  ],
  ['ensuring, as the guarded task', (wrong) => pipe(wrong, Task.ensuring(Task.unit))],
  ['ensuring, as finalizer', (wrong) => pipe(Task.unit, Task.ensuring(wrong))],
  ['uninterruptible', (wrong) => Task.uninterruptible(wrong)],
  ['uncancellable', (wrong) => pipe(wrong, Task.uncancellable())],
  ['timeout', (wrong) => pipe(wrong, Task.timeout(10))],
  ['forever', (wrong) => Task.forever(wrong)],
  ['named', (wrong) => pipe(wrong, Task.named('n'))],
  [
    'yield in gen',
    (wrong) =>
      Task.gen(function* () {
        yield wrong
      })
  ]
]

describe('a value that is no Task (40)', () => {
  const combinations = places.flatMap(([place, build]) =>
    wrongs.map(([name, wrong, words]) => ({ place, build, name, wrong, words }))
  )

  it.each(combinations)('$place: $name is a defect that says what was given and expected', async (given) => {
    // What the builder itself throws would not be a Task that dies, and fails the test.
    const defect = await runDefect(given.build(asTask(given.wrong)))
    expect(defect).toBeInstanceOf(TypeError)
    expect(String(defect)).toMatch(/Task/)
    expect(String(defect)).toMatch(given.words)
  })

  it('that is a promise, yielded in gen, is named as a promise', async () => {
    const defect = await runDefect(
      Task.gen(function* () {
        yield asTask(Promise.resolve(1))
      })
    )
    expect(String(defect)).toMatch(/promise/i)
    expect(String(defect)).toMatch(/gen/)
  })

  it.each(wrongs)('given to runTask: %s rejects', async (_name, wrong, words) => {
    const rejected: unknown = await runTask(asTask(wrong)).catch((reason: unknown) => reason)
    expect(rejected).toBeInstanceOf(TypeError)
    expect(String(rejected)).toMatch(/Task/)
    expect(String(rejected)).toMatch(words)
  })

  it.each(wrongs)(
    'given to runTaskExit: %s dies, to runFork: throws at the call',
    async (_name, wrong, words) => {
      const exit = summary(await runTaskExit(asTask(wrong)))
      expect(JSON.stringify(exit)).toContain('Die')
      expect(() => runFork(asTask(wrong))).toThrow(TypeError)
      expect(() => runFork(asTask(wrong))).toThrow(words)
    }
  )

  it.each(wrongs)('given to runSync: %s throws', (_name, wrong, words) => {
    expect(() => runSync(asTask(wrong))).toThrow(TypeError)
    expect(() => runSync(asTask(wrong))).toThrow(words)
  })

  it('returned by the body of gen in place of a generator is a defect', async () => {
    const body = (() => 5) as unknown as () => Generator<AnyTask, number, unknown>
    const defect = await runDefect(Task.gen(body))
    expect(defect).toBeInstanceOf(TypeError)
    expect(String(defect)).toMatch(/generator/i)
  })

  it('returned by a promise function in place of a promise is a defect', async () => {
    const wrong = (() => undefined) as unknown as () => Promise<number>
    const defect = await runDefect(Task.promise(wrong))
    expect(defect).toBeInstanceOf(TypeError)
    expect(String(defect)).toMatch(/promise/i)
  })

  it('does not affect other fibers', async () => {
    const machine = new Machine()
    const wrong = machine.fork(
      pipe(
        Task.unit,
        Task.flatMap(() => asTask(undefined))
      )
    )
    const fine = machine.fork(pipe(Task.sleep(5), Task.as(1)))
    expect(JSON.stringify(summary(await machine.finish(wrong)))).toContain('Die')
    expect(summary(await machine.finish(fine))).toEqual(success(1))
  })
})

describe('invalid numbers (40)', () => {
  const badTimes = [-1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const badCounts = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]
  const times: ReadonlyArray<readonly [string, (ms: number) => Task.Task<unknown, unknown>]> = [
    ['sleep', Task.sleep],
    ['delay', (ms) => pipe(Task.unit, Task.delay(ms))],
    ['timeout', (ms) => pipe(Task.unit, Task.timeout(ms))]
  ]
  const counts: ReadonlyArray<readonly [string, (concurrency: number) => Task.Task<unknown, unknown>]> = [
    ['all', (concurrency) => Task.all([Task.unit], { concurrency })],
    ['all of a record', (concurrency) => Task.all({ a: Task.unit }, { concurrency })],
    ['all of nothing', (concurrency) => Task.all([], { concurrency })],
    [
      'forEach',
      (concurrency) =>
        pipe(
          [1],
          Task.forEach(() => Task.unit, { concurrency })
        )
    ],
    [
      'forEach of nothing',
      (concurrency) =>
        pipe(
          [],
          Task.forEach(() => Task.unit, { concurrency })
        )
    ]
  ]
  const all = [
    ...times.flatMap(([name, build]) =>
      badTimes.map((given) => ({ name, build, given, what: /ms|milliseconds|time/i }))
    ),
    ...counts.flatMap(([name, build]) =>
      badCounts.map((given) => ({ name, build, given, what: /concurrency/i }))
    )
  ]

  it.each(all)('$name with $given dies with a RangeError that says so', async ({ build, given, what }) => {
    const defect = await runDefect(build(given))
    expect(defect).toBeInstanceOf(RangeError)
    expect(String(defect)).toContain(String(given))
    expect(String(defect)).toMatch(what)
  })

  it.each([
    ['text', '10'],
    ['null', null],
    ['undefined', undefined],
    ['an object', {}]
  ])('a time that is no number but %s is a defect', async (_name, wrong) => {
    const defect = await runDefect(Task.sleep(wrong as unknown as number))
    expect(defect).toBeInstanceOf(Error)
    expect(String(defect)).toMatch(/ms|milliseconds|time|number/i)
  })

  it('a concurrency that is an unknown word is a defect', async () => {
    const wrong = 'all' as unknown as 'unbounded'
    const defect = await runDefect(Task.all([Task.unit], { concurrency: wrong }))
    expect(String(defect)).toMatch(/concurrency/i)
    expect(String(defect)).toContain('all')
  })

  it.each([0, -1, 1.5, Number.NaN])('a runtime with yieldEvery %d is refused', (yieldEvery) => {
    expect(() => makeRuntime({ yieldEvery })).toThrow(RangeError)
    expect(() => makeRuntime({ yieldEvery })).toThrow(/yieldEvery/)
  })

  it('all of neither an array nor a record, and forEach of what is not iterable, are defects', async () => {
    for (const wrong of [undefined, null, 5]) {
      const members = wrong as unknown as ReadonlyArray<AnyTask>
      expect(await runDefect(Task.suspend(() => Task.all(members)))).toBeInstanceOf(TypeError)
      const items = wrong as unknown as ReadonlyArray<number>
      expect(
        await runDefect(
          Task.suspend(() =>
            pipe(
              items,
              Task.forEach(() => Task.unit)
            )
          )
        )
      ).toBeInstanceOf(TypeError)
    }
  })
})
