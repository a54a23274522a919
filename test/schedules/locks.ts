/** Small programs over semaphores, deferreds and latches. */
import { Deferred, type Fiber, Latch, Semaphore, Task } from 'aio-ts'
import { isRight } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { endOf, inGroup, type Program, steps } from './program.js'

/** Says who comes and who goes. */
const stay = (log: Array<string>, name: string): Task.Task<never, void> =>
  Task.bracket(
    Task.sync(() => void log.push(`+${name}`)),
    () => steps(1),
    () => Task.sync(() => void log.push(`-${name}`))
  )

export const locks: ReadonlyArray<Program> = [
  [
    'two users of one permit: one after the other',
    () => {
      const lock = new Semaphore(1)
      const log: Array<string> = []
      const user = (name: string) => pipe(stay(log, name), lock.withPermits(1))
      return pipe(
        Task.all([user('a'), user('b')]),
        Task.map(() => `${log} ${lock.available}`)
      )
    },
    ['+a,-a,+b,-b 1', '+b,-b,+a,-a 1']
  ],
  [
    'a waiter is interrupted as the permit comes: it is not lost',
    () =>
      inGroup(function* (group) {
        const lock = new Semaphore(1)
        const gate = new Latch()
        yield* group.spawn(pipe(gate.wait(), lock.withPermits(1)))
        yield* Task.yieldNow
        const waiter = yield* group.spawn(pipe(steps(1), lock.withPermits(1)))
        yield* Task.all([Task.sync(() => gate.open()), waiter.interrupt()])
        const end = yield* endOf(waiter)
        yield* pipe(Task.unit, lock.withPermits(1))
        return `${end} ${lock.available}`
      }),
    ['value 1', 'Interrupt 1']
  ],
  [
    'a large request and a small one: the first is served first',
    () => {
      const semaphore = new Semaphore(2)
      const log: Array<string> = []
      const user = (name: string, n: number) => pipe(stay(log, name), semaphore.withPermits(n))
      return pipe(
        Task.all([user('large', 2), user('small', 1)]),
        Task.map(() => log.join())
      )
    },
    ['+large,-large,+small,-small', '+small,-small,+large,-large']
  ],
  [
    'tryWithPermits never waits and never makes a holder wait',
    () => {
      const lock = new Semaphore(1)
      return pipe(
        Task.all([pipe(steps(1), lock.withPermits(1)), pipe(steps(1), lock.tryWithPermits(1))]),
        Task.map(([, tried]) => `${tried._tag} ${lock.available}`)
      )
    },
    ['Some 1', 'None 1']
  ],
  [
    'a holder fails: its permit goes to the next',
    () => {
      const lock = new Semaphore(1)
      const failing = pipe(Task.fail('no'), lock.withPermits(1), Task.either)
      return pipe(
        Task.all([failing, pipe(steps(1), lock.withPermits(1))]),
        Task.map(([either]) => `${either._tag} ${lock.available}`)
      )
    },
    ['Left 1']
  ],
  [
    'two complete a deferred: one of them has, and the waiter has that value',
    () => {
      const deferred = new Deferred<never, string>()
      const complete = (name: string) => Task.sync(() => deferred.succeed(name))
      return pipe(
        Task.all([deferred.wait(), complete('a'), complete('b')]),
        Task.map(([value, a, b]) => `${value} ${a} ${b}`)
      )
    },
    ['a true false', 'b false true']
  ],
  [
    'a waiter is interrupted as the value comes: the other waiter has it',
    () =>
      inGroup(function* (group) {
        const deferred = new Deferred<never, string>()
        const waiter = yield* group.spawn(deferred.wait())
        const [other] = yield* Task.all([
          deferred.wait(),
          Task.sync(() => {
            waiter.interruptNowait()
          }),
          Task.sync(() => deferred.succeed('value'))
        ])
        return `${other} ${yield* endOf(waiter)}`
      }),
    ['value value', 'value Interrupt']
  ],
  [
    'a failure and a value compete for a deferred: every waiter has the same',
    () => {
      const deferred = new Deferred<string, string>()
      const wait = Task.either(deferred.wait())
      return pipe(
        Task.all([
          wait,
          wait,
          Task.sync(() => deferred.fail('no')),
          Task.sync(() => deferred.succeed('yes'))
        ]),
        Task.map(([one, other]) => `${one._tag} ${other._tag}`)
      )
    },
    ['Left Left', 'Right Right']
  ],
  [
    'a latch opens: every present and later waiter passes',
    () => {
      const latch = new Latch()
      return pipe(Task.all([latch.wait(), latch.wait(), Task.sync(() => latch.open())]), Task.as('passed'))
    },
    ['passed']
  ],
  [
    'a latch opens and closes: present waiters pass, later ones wait',
    () =>
      inGroup(function* (group) {
        const latch = new Latch()
        const fiber: Fiber<unknown, unknown> = yield* group.spawn(latch.wait())
        yield* Task.sync(() => latch.open())
        yield* Task.sync(() => latch.shut())
        yield* Task.sleep(1)
        const status = fiber.poll()
        latch.open()
        yield* fiber.join()
        return status._tag === 'Some' && isRight(status.value) ? 'had passed' : 'had to wait'
      }),
    ['had passed', 'had to wait']
  ]
]
