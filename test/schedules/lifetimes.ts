/** Small programs over fibers, finalizers and groups. */
import { callOnCancel, callOnDone, Deferred, Group, Task } from 'aio-ts'
import { isRight, left } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { tagsOf } from '../support/exits.js'
import { endOf, inGroup, type Program, steps } from './program.js'

export const lifetimes: ReadonlyArray<Program> = [
  [
    'a fiber is joined and interrupted at once: the join receives its exit',
    () =>
      inGroup(function* (group) {
        const fiber = yield* group.spawn(steps(2))
        const [seen] = yield* Task.all([endOf(fiber), fiber.interrupt()])
        return seen
      }),
    ['value', 'Interrupt']
  ],
  [
    'a join is interrupted: the joined fiber continues',
    () =>
      inGroup(function* (group) {
        const gate = new Deferred<never, string>()
        const fiber = yield* group.spawn(gate.wait())
        const joiner = yield* group.spawn(fiber.join())
        yield* Task.all([joiner.interrupt(), Task.sync(() => gate.succeed('done'))])
        return `${yield* endOf(joiner)} ${yield* endOf(fiber)}`
      }),
    ['Interrupt value', 'value value']
  ],
  [
    'two interrupt one fiber: both come back after its finalizer, which ran once',
    () =>
      inGroup(function* (group) {
        let cleaned = 0
        const fiber = yield* group.spawn(
          pipe(
            Task.never,
            Task.ensuring(
              pipe(
                steps(1),
                Task.map(() => void cleaned++)
              )
            )
          )
        )
        const stop = pipe(
          fiber.interrupt(),
          Task.map((exit) => `${tagsOf(exit)} ${cleaned}`)
        )
        return (yield* Task.all([stop, stop])).join()
      }),
    ['Interrupt 1,Interrupt 1']
  ],
  [
    'an uninterruptible region is interrupted: it ends, or has not begun',
    () =>
      inGroup(function* (group) {
        const log: Array<string> = []
        const say = (word: string) => Task.sync(() => void log.push(word))
        const fiber = yield* group.spawn(
          pipe(
            say('begin'),
            Task.flatMap(() => say('end')),
            Task.uninterruptible,
            Task.flatMap(() => say('after'))
          )
        )
        yield* fiber.interrupt()
        return log.join()
      }),
    ['begin,end', 'begin,end,after']
  ],
  [
    'a fiber stops itself while another stops it: one interruption',
    () =>
      inGroup(function* (group) {
        const fiber = yield* group.spawn(
          pipe(
            steps(1),
            Task.flatMap(() => Task.interrupt)
          )
        )
        yield* fiber.interrupt()
        return yield* endOf(fiber)
      }),
    ['Interrupt']
  ],
  [
    'a bracket is interrupted: what was acquired is released, once',
    () =>
      inGroup(function* (group) {
        const log: Array<string> = []
        const say = (word: string) => Task.sync(() => void log.push(word))
        const fiber = yield* group.spawn(
          Task.bracket(
            pipe(
              steps(1),
              Task.flatMap(() => say('acquire'))
            ),
            () => steps(2),
            () => say('release')
          )
        )
        yield* fiber.interrupt()
        return `${log} ${yield* endOf(fiber)}`
      }),
    ['acquire,release Interrupt', 'acquire,release value']
  ],
  [
    'a bracket within a bracket is interrupted: released in reverse',
    () =>
      inGroup(function* (group) {
        const log: Array<string> = []
        const around = (name: string, use: Task.Task<never, void>) =>
          Task.bracket(
            Task.sync(() => void log.push(`+${name}`)),
            () => use,
            () => Task.sync(() => void log.push(`-${name}`))
          )
        const fiber = yield* group.spawn(around('a', around('b', steps(1))))
        yield* fiber.interrupt()
        return log.join()
      }),
    ['+a,-a', '+a,+b,-b,-a']
  ],
  [
    'a fiber is spawned as its group closes: it has ended, or was refused',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const spawn = Task.match(
          () => 'refused',
          () => 'spawned'
        )(group.spawn(Task.never))
        const [end] = yield* Task.all([spawn, group.asyncClose()])
        return `${end} ${group.size} ${group.isClosed}`
      }),
    ['spawned 0 true', 'refused 0 true']
  ],
  [
    'two close a group: both come back when it is closed',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        yield* group.spawn(pipe(Task.never, Task.ensuring(steps(1))))
        const close = pipe(
          group.asyncClose(),
          Task.map(() => group.isClosed)
        )
        return (yield* Task.all([close, close])).join()
      }),
    ['true,true']
  ],
  [
    'a fiber fails as its group closes: the failure is reported at most once',
    () =>
      Task.gen(function* () {
        const heard: Array<string> = []
        const group = yield* Group.make<string>({
          onFailure: (cause) => void heard.push(tagsOf(left(cause)).join('+'))
        })
        yield* group.spawn(
          pipe(
            steps(1),
            Task.flatMap(() => Task.fail('no'))
          )
        )
        yield* group.asyncClose()
        return heard.join()
      }),
    ['Fail', '']
  ],
  [
    'a subgroup is used as its parent closes: nothing runs on in it',
    () =>
      Task.gen(function* () {
        const parent = yield* Group.make()
        const child = yield* parent.createSubgroup()
        const spawn = Task.match(
          () => 'refused',
          () => 'spawned'
        )(child.spawn(Task.never))
        const [end] = yield* Task.all([spawn, parent.asyncClose()])
        return `${end} ${child.isClosed} ${child.size}`
      }),
    ['spawned true 0', 'refused true 0']
  ],
  [
    'a resource is acquired as the group closes: it is released, or never was',
    () =>
      Task.gen(function* () {
        const log: Array<string> = []
        const say = (word: string) => Task.sync(() => void log.push(word))
        const group = yield* Group.make()
        const acquire = Task.either(group.acquire(say('acquire'), () => say('release')))
        const [end] = yield* Task.all([acquire, group.asyncClose()])
        return `${end._tag} ${log}`
      }),
    ['Right acquire,release', 'Left acquire,release', 'Left ']
  ],
  [
    'a fiber closes its own group while another joins it: both end',
    () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        const fiber = yield* group.spawn(Task.suspend(() => group.asyncClose()))
        const [seen] = yield* Task.all([endOf(fiber), group.waitClosed()])
        return `${seen} ${group.isClosed}`
      }),
    ['Interrupt true']
  ],
  [
    'two fibers of a group fail: the first is its failure, and nothing hangs',
    () =>
      pipe(
        Task.withGroup<string, unknown, never>((group) =>
          Task.gen(function* () {
            yield* group.spawn(Task.fail('a'))
            yield* group.spawn(Task.fail('b'))
            return yield* Task.never
          })
        ),
        Task.exit,
        Task.map((exit) =>
          isRight(exit) ? '' : exit.left.reasons.map((r) => (r._tag === 'Fail' ? r.error : r._tag)).join()
        )
      ),
    ['a,b', 'b,a', 'a']
  ],
  [
    'callOnCancel is stopped with its group: it calls once',
    () =>
      Task.gen(function* () {
        let calls = 0
        const group = yield* Group.make()
        const fiber = yield* group.spawn(callOnCancel(() => ++calls))
        yield* Task.all([fiber.interrupt(), group.asyncClose()])
        return `${calls} ${yield* endOf(fiber)}`
      }),
    ['1 value']
  ],
  [
    'callOnDone is interrupted: it calls after its task, or never',
    () =>
      inGroup(function* (group) {
        const log: Array<string> = []
        const fiber = yield* group.spawn(
          callOnDone(
            Task.sync(() => void log.push('task')),
            () => void log.push('called')
          )
        )
        yield* fiber.interrupt()
        return `${log} ${yield* endOf(fiber)}`
      }),
    ['task,called value', 'task Interrupt', ' Interrupt']
  ],
  [
    'an uncancellable task without raising is interrupted: the fiber continues with the result',
    () =>
      inGroup(function* (group) {
        const fiber = yield* group.spawn(
          pipe(steps(2), Task.as('result'), Task.uncancellable({ raiseCancel: false }))
        )
        yield* fiber.interrupt()
        return yield* endOf(fiber)
      }),
    ['value']
  ]
]
