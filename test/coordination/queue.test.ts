/** What a queue accepts, returns, refuses and reports if no fiber has to wait. */
import { Exit, type Group, Queue, QueueClosedError, QueueEmptyError, QueueFullError, Task } from 'aio-ts'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { expectBadArgument, expectTagged } from '../support/errors.js'
import { defectOf, failureOf, leftOf, rightOf } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'
import { inEveryMode, modes } from '../support/modes.js'
import { holding } from '../support/queues.js'

/** Every way to get, each giving what it got as an array. */
const gets: ReadonlyArray<
  readonly [string, <X>(queue: Queue<X>) => Task.Task<QueueClosedError | QueueEmptyError, ReadonlyArray<X>>]
> = [
  [
    'get',
    (queue) =>
      pipe(
        queue.get(),
        Task.map((item) => [item])
      )
  ],
  [
    'getNowait',
    (queue) =>
      Task.suspend(() =>
        pipe(
          Task.fromEither(queue.getNowait()),
          Task.map((item) => [item])
        )
      )
  ],
  ['getAll', (queue) => queue.getAll()],
  ['getAll with a limit', (queue) => queue.getAll(1)],
  [
    'getUntilEmpty',
    (queue) =>
      pipe(
        queue.getUntilEmpty(),
        Task.map((item) => [item])
      )
  ],
  [
    'getNowaitUntilEmpty',
    (queue) =>
      Task.suspend(() =>
        pipe(
          Task.fromEither(queue.getNowaitUntilEmpty()),
          Task.map((item) => [item])
        )
      )
  ]
]

describe('a queue', () => {
  inEveryMode('gives items to get and to getNowait in the order in which they were put (32)', () =>
    Task.gen(function* () {
      const queue = yield* Queue.make<number>()
      for (let item = 0; item < 10; item++) {
        if (item % 2 === 0) yield* queue.put(item)
        else rightOf(queue.putNowait(item))
      }
      const got: Array<number> = []
      for (let item = 0; item < 10; item++)
        got.push(item % 3 === 0 ? yield* queue.get() : rightOf(queue.getNowait()))
      expect(got).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    })
  )

  test('reports how many items it holds, whether it is empty and whether it is full', () => {
    const queue = new Queue<string>(2)
    expect(queue.maxsize).toBe(2)
    expect([queue.size, queue.isEmpty, queue.isFull, queue.isClosed]).toEqual([0, true, false, false])
    rightOf(queue.putNowait('a'))
    expect([queue.size, queue.isEmpty, queue.isFull]).toEqual([1, false, false])
    rightOf(queue.putNowait('b'))
    expect([queue.size, queue.isEmpty, queue.isFull]).toEqual([2, false, true])
    rightOf(queue.getNowait())
    expect([queue.size, queue.isEmpty, queue.isFull]).toEqual([1, false, false])
    queue.close()
    expect([queue.size, queue.isEmpty, queue.isClosed]).toEqual([1, false, true])
  })

  test.each([undefined, 0, -1, -1000])('has no limit with a maxsize of %s', (maxsize) => {
    const queue = maxsize === undefined ? new Queue<number>() : new Queue<number>(maxsize)
    for (let item = 0; item < 1000; item++) rightOf(queue.putNowait(item))
    expect(queue.size).toBe(1000)
    expect(queue.isFull).toBe(false)
  })

  test('of maxsize 1 is full with one item and accepts the next after that was taken', () => {
    const queue = new Queue<number>(1)
    rightOf(queue.putNowait(1))
    expectTagged(leftOf(queue.putNowait(2)), 'QueueFullError')
    expect(queue.size).toBe(1)
    expect(rightOf(queue.getNowait())).toBe(1)
    rightOf(queue.putNowait(3))
    expect(rightOf(queue.getNowait())).toBe(3)
  })

  test('fails with QueueEmptyError if it is empty and QueueFullError if it is full', () => {
    const queue = new Queue<number>(1)
    expect(leftOf(queue.getNowait())).toBeInstanceOf(QueueEmptyError)
    expect(leftOf(queue.getNowaitUntilEmpty())).toBeInstanceOf(QueueEmptyError)
    expectTagged(leftOf(queue.getNowait()), 'QueueEmptyError')
    rightOf(queue.putNowait(1))
    expect(leftOf(queue.putNowait(2))).toBeInstanceOf(QueueFullError)
    expect(queue.size).toBe(1)
  })

  inEveryMode('runs a put or a get each time its Task is run, and not when it is built', () =>
    Task.gen(function* () {
      const queue = yield* Queue.make<string>()
      const put = queue.put('x')
      const get = queue.get()
      queue.getAll()
      queue.getUntilEmpty()
      expect(queue.size).toBe(0)
      yield* put
      yield* put
      expect(queue.size).toBe(2)
      expect(yield* get).toBe('x')
      expect(queue.size).toBe(1)
      expect(yield* get).toBe('x')
    })
  )

  inEveryMode('made twice by running one value of make is two queues', () =>
    Task.gen(function* () {
      const make = Queue.make<number>(1)
      const [one, other] = [yield* make, yield* make]
      rightOf(one.putNowait(1))
      expect(other.isEmpty).toBe(true)
    })
  )

  inEveryMode('gives all its items with getAll, at most max, and leaves the others in order', () =>
    Task.gen(function* () {
      const queue = holding(1, 2, 3, 4, 5)
      expect(yield* queue.getAll(2)).toEqual([1, 2])
      expect(queue.size).toBe(3)
      expect(yield* queue.getAll(1)).toEqual([3])
      expect(yield* queue.getAll(10)).toEqual([4, 5])
      expect(queue.isEmpty).toBe(true)
      rightOf(queue.putNowait(6))
      expect(yield* queue.getAll()).toEqual([6])
    })
  )

  inEveryMode('drops all its items with getUntilEmpty but the last, which it returns', () =>
    Task.gen(function* () {
      const queue = holding('a', 'b', 'c')
      expect(yield* queue.getUntilEmpty()).toBe('c')
      expect(queue.isEmpty).toBe(true)
      rightOf(queue.putNowait('d'))
      rightOf(queue.putNowait('e'))
      expect(rightOf(queue.getNowaitUntilEmpty())).toBe('e')
      expect(queue.isEmpty).toBe(true)
    })
  )
})

describe('a closed queue', () => {
  test('stays closed when closed again', () => {
    const queue = holding(1)
    queue.close()
    queue.close()
    expect(queue.isClosed).toBe(true)
    expect(rightOf(queue.getNowait())).toBe(1)
    queue.close()
    expect(leftOf(queue.getNowait())).toBeInstanceOf(QueueClosedError)
  })

  for (const [name, get] of gets) {
    inEveryMode(`still gives its items, then QueueClosedError, to ${name} (29)`, () =>
      Task.gen(function* () {
        const queue = holding(1)
        queue.close()
        expect(yield* get(queue)).toEqual([1])
        expectTagged(failureOf(yield* Task.exit(get(queue))), 'QueueClosedError')
        expectTagged(failureOf(yield* Task.exit(get(queue))), 'QueueClosedError')
        expect(queue.size).toBe(0)
      })
    )
  }

  inEveryMode('still gives all its items at once to getAll and getUntilEmpty (29)', () =>
    Task.gen(function* () {
      const queues = [holding(1, 2, 3), holding(1, 2, 3), holding(1, 2, 3)] as const
      for (const queue of queues) queue.close()
      expect(yield* queues[0].getAll()).toEqual([1, 2, 3])
      expect(yield* queues[1].getUntilEmpty()).toBe(3)
      expect(rightOf(queues[2].getNowaitUntilEmpty())).toBe(3)
      expect(queues.map((queue) => queue.size)).toEqual([0, 0, 0])
    })
  )

  inEveryMode('refuses every put and takes no item of it (29)', () =>
    Task.gen(function* () {
      const queue = yield* Queue.make<number>(2)
      rightOf(queue.putNowait(1))
      queue.close()
      expectTagged(failureOf(yield* Task.exit(queue.put(2))), 'QueueClosedError')
      expectTagged(leftOf(queue.putNowait(3)), 'QueueClosedError')
      expect(yield* queue.getAll()).toEqual([1])
    })
  )

  test('fails a putNowait as closed, not as full, if it is both (29)', () => {
    const queue = new Queue<number>(1)
    rightOf(queue.putNowait(1))
    queue.close()
    expect(queue.isFull).toBe(true)
    expect(leftOf(queue.putNowait(2))).toBeInstanceOf(QueueClosedError)
  })

  inEveryMode('fails a put at once if it is closed and full (29)', () =>
    Task.gen(function* () {
      const queue = yield* Queue.make<number>(1)
      rightOf(queue.putNowait(1))
      queue.close()
      expectTagged(failureOf(yield* Task.exit(queue.put(2))), 'QueueClosedError')
    })
  )
})

describe('the items of a queue', () => {
  const values: ReadonlyArray<readonly [string, unknown]> = [
    ['undefined', undefined],
    ['null', null],
    ['NaN', Number.NaN],
    ['false', false],
    ['a promise that resolves', Promise.resolve(1)],
    ['a promise that never settles', new Promise(() => {})],
    ['a thenable', { then: (resolve: (value: number) => void) => resolve(1) }],
    ['a Task', Task.die('a Task in a queue is not run')],
    ['an Exit', Exit.die('an Exit in a queue is not raised')],
    ['a Left', Either.left('a Left in a queue is no failure')],
    ['an array', [1, 2]],
    ['an Error', new Error('an Error in a queue is not thrown')],
    ['a QueueClosedError', new QueueClosedError()]
  ]
  for (const [name, value] of values) {
    test(`may be ${name}, which is returned unchanged`, async () => {
      for (const mode of modes) {
        const got: Array<unknown> = []
        const take = (item: unknown): void => void got.push(item)
        const run = await runVirtual(
          Task.gen(function* () {
            const queue = yield* Queue.make<unknown>(8)
            for (const [, get] of gets) {
              yield* queue.put(value)
              expect(queue.size).toBe(1)
              take((yield* get(queue))[0])
            }
            rightOf(queue.putNowait(value))
            queue.close()
            yield* queue.forEach((item) => Task.sync(() => take(item)))
          }),
          mode
        )
        rightOf(run.exit)
        expect(got.length).toBe(gets.length + 1)
        for (const item of got) expect(Object.is(item, value)).toBe(true)
      }
    })
  }

  inEveryMode('may be undefined also when handed to a parked get, which differs from none', () =>
    Task.withGroup((group: Group<QueueClosedError>) =>
      Task.gen(function* () {
        const queue = yield* Queue.make<undefined>(1)
        const getter = yield* group.spawn(queue.get())
        yield* Task.sleep(1)
        yield* queue.put(undefined)
        expect(yield* getter.join()).toBe(undefined)
        expect(queue.size).toBe(0)
        const second = yield* group.spawn(queue.getAll())
        yield* Task.sleep(1)
        yield* queue.put(undefined)
        expect(yield* second.join()).toEqual([undefined])
      })
    )
  )
})

describe('a bad argument to a queue', () => {
  const sizes: ReadonlyArray<unknown> = [Number.NaN, Number.POSITIVE_INFINITY, 1.5, '3', null]
  for (const size of sizes) {
    test(`is refused by the constructor with a message: a maxsize of ${String(size)} (${typeof size})`, () => {
      let thrown: unknown
      try {
        new Queue(size as number)
      } catch (error) {
        thrown = error
      }
      expectBadArgument(thrown, size)
      if (typeof size === 'number') expect(thrown).toBeInstanceOf(RangeError)
    })

    inEveryMode(
      `is a defect of the Task that make returns, not thrown by make: a maxsize of ${String(size)} (${typeof size})`,
      () =>
        Task.gen(function* () {
          const make = Queue.make(size as number)
          expectBadArgument(defectOf(yield* Task.exit(make)), size)
        })
    )
  }

  for (const max of [0, -1, Number.NaN, 1.5, '2']) {
    inEveryMode(
      `is a defect of getAll, which then takes no item: a max of ${String(max)} (${typeof max})`,
      () =>
        Task.gen(function* () {
          const queue = holding(1, 2, 3)
          const task = queue.getAll(max as number)
          expectBadArgument(defectOf(yield* Task.exit(task)), max)
          expect(yield* queue.getAll()).toEqual([1, 2, 3])
        })
    )
  }

  inEveryMode('is a defect of getAll also if it would have to wait', () =>
    Task.gen(function* () {
      const queue = yield* Queue.make<number>()
      expectBadArgument(defectOf(yield* Task.exit(queue.getAll(Number.NaN))), Number.NaN)
    })
  )

  inEveryMode('is a defect of forEach if the function throws or returns a value that is no Task', () =>
    Task.gen(function* () {
      const boom = new Error('boom')
      const thrower = holding(1, 2)
      const thrown = defectOf(
        yield* Task.exit(
          thrower.forEach(() => {
            throw boom
          })
        )
      )
      expect(thrown).toBe(boom)
      expect(yield* thrower.getAll()).toEqual([2])
      const stranger = holding(1, 2)
      const noTask = stranger.forEach((() => 5) as unknown as () => Task.Task<never, number>)
      expectBadArgument(defectOf(yield* Task.exit(noTask)), 5)
    })
  )
})
