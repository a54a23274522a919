/** Small programs over races, timeouts and concurrent operators. */
import { Deferred, FiberLocal, Queue, Task } from 'aio-ts'
import { isRight } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { tagsOf } from '../support/exits.js'
import { drain } from '../support/queues.js'
import { endOf, inGroup, type Program, steps } from './program.js'

export const races: ReadonlyArray<Program> = [
  [
    'two sides that can both win: one does',
    () => pipe(steps(1), Task.as('a'), Task.race(pipe(steps(1), Task.as('b')))),
    ['a', 'b']
  ],
  [
    'a side that fails never wins over one that succeeds',
    () =>
      pipe(
        steps(1),
        Task.flatMap(() => Task.fail('no')),
        Task.race(pipe(steps(1), Task.as('yes')))
      ),
    ['yes']
  ],
  [
    'the loser has cleaned up when the race is over',
    () => {
      let open = 0
      const side = (name: string) =>
        Task.bracket(
          Task.sync(() => void open++),
          () => pipe(steps(1), Task.as(name)),
          () => Task.sync(() => void open--)
        )
      return pipe(
        side('a'),
        Task.race(side('b')),
        Task.map((name) => `${name} ${open}`)
      )
    },
    ['a 0', 'b 0']
  ],
  [
    'a race is interrupted: it has been won, or nothing is left of it',
    () =>
      inGroup(function* (group) {
        const fiber = yield* group.spawn(pipe(steps(1), Task.as('won'), Task.race(Task.never)))
        yield* fiber.interrupt()
        return yield* endOf(fiber)
      }),
    ['value', 'Interrupt']
  ],
  [
    'an item comes with the timeout: it is taken or still there',
    () => {
      const queue = new Queue<string>()
      const timed = Task.match(
        () => 'late',
        (item: string) => item
      )(pipe(queue.get(), Task.timeout(5)))
      return pipe(
        Task.all([timed, pipe(queue.put('item'), Task.delay(5))]),
        Task.map(([end]) => `${end}, left ${drain(queue)}`)
      )
    },
    ['item, left ', 'late, left item']
  ],
  [
    'a timeout within a timeout, both due: one of them fires, the task has ended',
    () => {
      let open = 0
      const task = Task.bracket(
        Task.sync(() => void open++),
        () => Task.never,
        () => Task.sync(() => void open--)
      )
      return pipe(
        task,
        Task.timeout(5),
        Task.timeout(5),
        Task.match(
          (error) => error._tag,
          () => 'value'
        ),
        Task.map((end) => `${end} ${open}`)
      )
    },
    ['TimeoutError 0']
  ],
  [
    'a task that ends with the timeout: its value, or none',
    () =>
      pipe(
        Task.sleep(5),
        Task.as('value'),
        Task.timeout(5),
        Task.match(
          (error) => error._tag,
          (value) => value
        )
      ),
    ['value', 'TimeoutError']
  ],
  [
    'a timed task is interrupted as it ends: its value is the result or a late result',
    () =>
      inGroup(function* (group) {
        const deferred = new Deferred<never, string>()
        const fiber = yield* group.spawn(pipe(deferred.wait(), Task.timeout(5)))
        const [exit] = yield* Task.all([fiber.interrupt(), Task.sync(() => deferred.succeed('value'))])
        if (isRight(exit)) return 'had'
        const [first] = exit.left.reasons
        return first._tag === 'Interrupt' && first.result._tag === 'Some' ? 'carried' : 'none'
      }),
    ['had', 'carried', 'none']
  ],
  [
    'the first failure of all stops the rest, whose finalizer has run',
    () => {
      let open = 0
      const other = Task.bracket(
        Task.sync(() => void open++),
        () => Task.never,
        () => Task.sync(() => void open--)
      )
      return pipe(
        Task.all([
          other,
          pipe(
            steps(1),
            Task.flatMap(() => Task.fail('no'))
          )
        ]),
        Task.exit,
        Task.map((exit) => `${tagsOf(exit)} ${open}`)
      )
    },
    ['Fail 0']
  ],
  [
    'two workers of forEach: every item once, results in their order',
    () =>
      pipe(
        [1, 2, 3],
        Task.forEach((n) => pipe(steps(1), Task.as(n * 2)), { concurrency: 2 }),
        Task.map((results) => results.join())
      ),
    ['2,4,6']
  ],
  [
    'a value that is set for a part of a fiber is seen nowhere else',
    () => {
      const local = new FiberLocal('outside')
      const within = (name: string) =>
        pipe(
          steps(1),
          Task.flatMap(() => local.get),
          local.locally(name)
        )
      return pipe(
        Task.all([within('a'), within('b')]),
        Task.flatMap(([a, b]) =>
          pipe(
            local.get,
            Task.map((c) => [a, b, c].join())
          )
        )
      )
    },
    ['a,b,outside']
  ]
]
