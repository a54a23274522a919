/**
 * The host's async context: user code in a fiber finds its AsyncLocalStorages as they were where the fiber was run or spawned, whatever
 * woke the fiber and ran in between (45).
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { isRight, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, describe, expect, test } from 'vitest'
import {
  addHooks,
  callOnCancel,
  callOnDone,
  Deferred,
  type Fiber,
  FiberLocal,
  Group,
  type Hooks,
  makeRuntime,
  Queue,
  runFork,
  runSync,
  runTask,
  runTaskExit,
  Semaphore,
  Task
} from '../../src/index.js'
import { inHostContext } from '../../src/task/host-context.js'
import { explore, runTest, sweepInterrupts } from '../../src/testing/index.js'
import { Machine } from '../support/machine.js'

const als = new AsyncLocalStorage<string>()
const who = (): string => als.getStore() ?? 'nobody'
const ask = Task.sync(who)

/** A run in a context of its own. */
const runAs = <E, A>(user: string, task: Task.Task<E, A>): Promise<unknown> =>
  als.run(user, () => runTask(task)).then((result) => (isRight(result) ? result.right : result))

const turnOfHost = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const undos: Array<() => void> = []
afterEach(() => {
  for (const undo of undos.splice(0)) undo()
})

describe('overlapping runs (45)', () => {
  test('keep their contexts separate, from the first step on', async () => {
    const program = Task.gen(function* () {
      const seen = [yield* ask]
      yield* Task.sleep(1)
      seen.push(yield* ask)
      yield* Task.yieldNow
      seen.push(yield* ask)
      yield* Task.promise(turnOfHost)
      seen.push(yield* ask)
      return seen
    })
    const users = ['ann', 'bob', 'cid', 'dan']
    const seen = await Promise.all(users.map((user) => runAs(user, program)))
    expect(seen).toEqual(users.map((user) => [user, user, user, user]))
  })

  test('keep their contexts separate from a fiber that was started without a context', async () => {
    const beats: Array<string> = []
    const heartbeat = runFork(
      Task.forever(
        pipe(
          Task.sync(() => beats.push(who())),
          Task.flatMap(() => Task.sleep(1))
        )
      )
    )
    const request = pipe(
      Task.sleep(5),
      Task.flatMap(() => ask)
    )
    expect(await runAs('ann', request)).toBe('ann')
    await runTask(heartbeat.interrupt())
    expect(new Set(beats)).toEqual(new Set(['nobody']))
  })

  test('keep their contexts with every run function', async () => {
    const { runTask: own, runTaskExit: ownExit, runFork: ownFork, runSync: ownSync } = makeRuntime({})
    const later = pipe(
      Task.yieldNow,
      Task.flatMap(() => ask)
    )
    expect(await als.run('a', () => runTask(later))).toEqual(right('a'))
    expect(await als.run('b', () => runTaskExit(later))).toEqual(right('b'))
    expect(await runTask(als.run('c', () => runFork(later)).join())).toEqual(right('c'))
    expect(als.run('d', () => runSync(ask))).toEqual(right('d'))
    expect(await als.run('e', () => own(later))).toEqual(right('e'))
    expect(await als.run('f', () => ownExit(later))).toEqual(right('f'))
    expect(await runTask(als.run('g', () => ownFork(later)).join())).toEqual(right('g'))
    expect(als.run('h', () => ownSync(ask))).toEqual(right('h'))
    expect(await als.run('i', () => Task.toTaskEither(later)())).toEqual(right('i'))
    expect(who()).toBe('nobody')
  })

  test('have the context of the run, not that in which the Task was built', async () => {
    const built = als.run('builder', () =>
      pipe(
        Task.yieldNow,
        Task.flatMap(() => ask)
      )
    )
    expect(await runAs('runner', built)).toBe('runner')
    expect(await runTask(built)).toEqual(right('nobody'))
  })
})

describe('a fiber runs in its context (45)', () => {
  test('in every user function, after every kind of wait', async () => {
    const seen: Array<string> = []
    const note = (): void => void seen.push(who())
    const noted = Task.sync(note)
    const program = Task.gen(function* () {
      note()
      yield* Task.suspend(() => {
        note()
        return Task.unit
      })
      yield* Task.async<never, void>((resume) => {
        note()
        als.run('a callback', () => setTimeout(() => resume(Task.unit), 1))
      })
      note()
      yield* pipe(
        Task.tryCatch(
          () => Promise.reject(new Error('no')),
          (thrown) => {
            note()
            return thrown
          }
        ),
        Task.orElse(() => {
          note()
          return Task.unit
        })
      )
      yield* pipe(
        Task.succeed(1),
        Task.map((n) => {
          note()
          return n
        }),
        Task.ensuring(noted)
      )
      yield* pipe(
        [1, 2, 3],
        Task.forEach(
          () => {
            note()
            return Task.sleep(1)
          },
          { concurrency: 2 }
        )
      )
      yield* Task.all([
        noted,
        pipe(
          Task.sleep(1),
          Task.flatMap(() => noted)
        )
      ])
      yield* Task.bracket(
        noted,
        () => noted,
        () => noted
      )
      yield* callOnDone(Task.sleep(1), note)
      note()
    })
    await runAs('ann', program)
    expect(seen.length).toBe(18)
    expect(new Set(seen)).toEqual(new Set(['ann']))
  })

  test('after a wake-up by a fiber of another context', async () => {
    const queue = new Queue<number>(1)
    const deferred = new Deferred<never, void>()
    const semaphore = new Semaphore(1)
    const waiting = Task.gen(function* () {
      const seen: Array<string> = []
      yield* queue.get()
      seen.push(yield* ask)
      yield* deferred.wait()
      seen.push(yield* ask)
      yield* pipe(
        Task.sync(() => seen.push(who())),
        semaphore.withPermits(1)
      )
      return seen
    })
    const waking = Task.gen(function* () {
      const seen: Array<string> = []
      yield* pipe(
        Task.gen(function* () {
          yield* queue.put(1)
          seen.push(yield* ask)
          yield* Task.yieldNow
          yield* deferred.succeed(undefined) ? Task.unit : Task.unit
          seen.push(yield* ask)
          yield* Task.sleep(2)
        }),
        semaphore.withPermits(1)
      )
      seen.push(yield* ask)
      return seen
    })
    const [one, other] = await Promise.all([runAs('waiting', waiting), runAs('waking', waking)])
    expect(one).toEqual(['waiting', 'waiting', 'waiting'])
    expect(other).toEqual(['waking', 'waking', 'waking'])
  })

  test('in finalizers, cancellers and abort listeners, whichever fiber interrupts it', async () => {
    const seen: Array<string> = []
    const note = (): void => void seen.push(who())
    const parts: ReadonlyArray<Task.Task<never, unknown>> = [
      pipe(Task.never, Task.ensuring(Task.sync(note))),
      pipe(Task.never, Task.onInterrupt(Task.sync(note))),
      Task.async(() => Task.sync(note)),
      Task.promise(
        (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(note())))
      ),
      pipe(
        Task.signal,
        Task.flatMap((signal) =>
          Task.async<never, unknown>(() => {
            signal.addEventListener('abort', note)
          })
        )
      ),
      callOnCancel(note),
      Task.bracket(
        Task.unit,
        () => Task.never,
        () =>
          pipe(
            Task.sleep(1),
            Task.flatMap(() => Task.sync(note))
          )
      )
    ]
    const fibers = als.run('victim', () => parts.map((part) => runFork(part)))
    await turnOfHost()
    await als.run('killer', async () => {
      for (const fiber of fibers) fiber.interruptNowait()
      await Promise.all(fibers.map((fiber) => runTask(fiber.wait())))
    })
    expect(seen).toEqual(parts.map(() => 'victim'))
  })

  test('after an interruption by a signal that aborts in another context', async () => {
    const controller = new AbortController()
    const seen: Array<string> = []
    const run = als.run('ann', () =>
      runTaskExit(
        Task.promise(
          (signal) =>
            new Promise((resolve) => signal.addEventListener('abort', () => resolve(seen.push(who()))))
        ),
        { signal: controller.signal }
      )
    )
    await turnOfHost()
    als.run('bob', () => controller.abort())
    await run
    expect(seen).toEqual(['ann'])
  })

  test('after it yielded with its budget used up', async () => {
    const count = (left: number): Task.Task<never, string> =>
      left === 0
        ? ask
        : pipe(
            Task.unit,
            Task.flatMap(() => count(left - 1))
          )
    const seen = await Promise.all(['a', 'b', 'c'].map((user) => runAs(user, count(20_000))))
    expect(seen).toEqual(['a', 'b', 'c'])
  })

  test('and a context entered by a time slice ends with that call', async () => {
    const program = Task.gen(function* () {
      const inner = als.run('inner', who)
      yield* Task.yieldNow
      return [inner, yield* ask]
    })
    expect(await runAs('outer', program)).toEqual(['inner', 'outer'])
  })
})

describe('a fiber started by (45)', () => {
  test('another fiber has the context of that fiber, as its child or in a group', async () => {
    const group = new Group()
    const later = pipe(
      Task.sleep(1),
      Task.flatMap(() => ask)
    )
    const program = Task.gen(function* () {
      const [child, raced] = yield* Task.all([later, pipe(later, Task.race(Task.never))])
      const timed = yield* pipe(later, Task.timeout(100))
      const spawned = yield* (yield* group.spawn(later)).join()
      const wrapped = yield* (yield* group.wrap(turnOfHost())).join()
      const own = yield* Task.withGroup((inner) =>
        Task.flatMap((fiber: Fiber<never, string>) => fiber.join())(inner.spawn(later))
      )
      return [child, raced, timed, spawned, wrapped, own]
    })
    expect(await runAs('ann', program)).toEqual(['ann', 'ann', 'ann', 'ann', undefined, 'ann'])
    group.close()
  })

  test('a user function has the context of that moment', async () => {
    const group = new Group()
    const later = pipe(
      Task.sleep(1),
      Task.flatMap(() => ask)
    )
    const program = Task.gen(function* () {
      const [forked, spawned, plain] = yield* Task.sync(() =>
        als.run(
          'inner',
          () => [runFork(later), group.spawnNowait(later), als.run('another', () => runFork(later))] as const
        )
      )
      const own = yield* Task.promise(() => als.run('promise', () => runTask(later)))
      const seen = [yield* forked.join(), yield* plain.join()]
      if (isRight(spawned)) seen.push(yield* spawned.right.join())
      return [...seen, isRight(own) ? own.right : own, yield* ask]
    })
    expect(await runAs('outer', program)).toEqual(['inner', 'another', 'inner', 'promise', 'outer'])
    group.close()
  })

  test('a callback of the host has the context of that callback', async () => {
    const later = pipe(
      Task.sleep(1),
      Task.flatMap(() => ask)
    )
    const seen = await als.run(
      'ann',
      () =>
        new Promise((resolve) => {
          setTimeout(() => void runTask(later).then(resolve), 1)
        })
    )
    expect(seen).toEqual(right('ann'))
  })

  test('runSync within a time slice has the context of the call, and the outer fiber keeps its own', async () => {
    const program = Task.sync(() => {
      const inherited = runSync(ask)
      const inner = als.run('inner', () => runSync(ask))
      return [inherited, inner, who()]
    })
    expect(await runAs('outer', program)).toEqual([right('outer'), right('inner'), 'outer'])
  })

  test('runSync and left running continues in the context of the call', async () => {
    const seen: Array<string> = []
    const group = new Group()
    const later = pipe(
      Task.sleep(1),
      Task.flatMap(() => Task.sync(() => seen.push(who())))
    )
    als.run('ann', () => runSync(group.spawn(later)))
    als.run('bob', () => group.close({ interrupt: false }))
    await runTask(group.waitClosed())
    expect(seen).toEqual(['ann'])
  })

  test('the releases of a group has the context in which the group was made', async () => {
    const seen: Array<string> = []
    const release = () => Task.sync(() => seen.push(who()))
    const group = als.run('maker', () => new Group())
    await runAs('user', Task.exit(group.acquire(Task.unit, release)))
    await runAs('closer', group.asyncClose())
    const program = Task.flatMap((made: Group<never>) =>
      Task.as(made)(Task.exit(made.acquire(Task.unit, release)))
    )
    const made = (await runAs('maker too', program(Group.make()))) as Group<never>
    await runAs('closer', made.asyncClose())
    expect(seen).toEqual(['maker', 'maker too'])
  })
})

describe('handlers run in the context of their registration (45)', () => {
  test('onFailure', async () => {
    const seen: Array<string> = []
    const handler = { onFailure: () => void seen.push(who()) }
    const group = als.run('registrar', () => new Group<unknown>(handler))
    await runAs(
      'first',
      Task.exit(Task.flatten(Task.map((f: Fiber<unknown, never>) => f.join())(group.spawn(Task.fail('no')))))
    )
    const made = (await runAs('maker', Group.make<unknown>(handler))) as Group<unknown>
    const below = (await runAs('below', made.createSubgroup(handler))) as Group<unknown>
    const plain = (await runAs('plain', made.createSubgroup())) as Group<unknown>
    for (const each of [made, below, plain]) {
      als.run('second', () => each.spawnNowait(Task.fail('no')))
      await turnOfHost()
    }
    expect(seen).toEqual(['registrar', 'maker', 'below', 'maker'])
  })

  test('the reporter', async () => {
    const seen: Array<string> = []
    const runtime = als.run('registrar', () => makeRuntime({ reporter: () => void seen.push(who()) }))
    als.run('ann', () => runtime.runFork(Task.die('a bug')))
    await turnOfHost()
    await turnOfHost()
    expect(seen).toEqual(['registrar'])
  })

  test('hooks, called as methods of their object', async () => {
    const seen: Array<string> = []
    const hooks: Hooks & { readonly name: string } = {
      name: 'these',
      fiberStarted() {
        seen.push(`started ${who()} ${this.name}`)
      },
      fiberResumed: () => seen.push(`resumed ${who()}`),
      fiberSuspended: () => seen.push(`suspended ${who()}`),
      fiberEnded: (_fiber, exit) => seen.push(`ended ${exit._tag} ${who()}`),
      groupOpened: (group) => seen.push(`opened ${group.stage} ${who()}`)
    } as Hooks & { readonly name: string }
    const twice = pipe(
      Group.make(),
      Task.flatMap(() => Task.yieldNow)
    )
    const expected = [
      'started registrar these',
      'resumed registrar',
      'opened open registrar',
      'suspended registrar',
      'resumed registrar',
      'ended Right registrar'
    ]
    undos.push(als.run('registrar', () => addHooks(hooks)))
    await runAs('ann', twice)
    expect(seen).toEqual(expected)
    undos.pop()?.()
    seen.length = 0
    const runtime = als.run('registrar', () => makeRuntime({ hooks }))
    await als.run('ann', () => runtime.runTask(twice))
    expect(seen).toEqual(expected)
  })

  test('the reporter, for an exception of a hook', async () => {
    const seen: Array<string> = []
    const runtime = als.run('reporter', () => makeRuntime({ reporter: () => void seen.push(who()) }))
    undos.push(
      als.run('hook', () =>
        addHooks({
          fiberStarted: () => {
            throw new Error('a bad hook')
          }
        })
      )
    )
    await als.run('ann', () => runtime.runTask(Task.unit))
    expect(seen).toEqual(['reporter'])
  })
})

describe('the caller', () => {
  test('keeps its own context after the end of a run', async () => {
    await als.run('ann', async () => {
      await runTask(Task.sleep(1))
      expect(who()).toBe('ann')
      const fiber = als.run('inner', () => runFork(Task.sleep(1)))
      await runTask(fiber.join())
      expect(who()).toBe('ann')
    })
    expect(who()).toBe('nobody')
  })

  test('keeps its own context in for await over a queue', async () => {
    const queue = new Queue<number>()
    const seen: Array<string> = []
    const reading = als.run('reader', async () => {
      for await (const item of queue) seen.push(`${item} ${who()}`)
    })
    await runAs('writer', queue.put(1))
    await runAs(
      'writer',
      pipe(
        Task.sleep(1),
        Task.flatMap(() => queue.put(2))
      )
    )
    queue.close()
    await reading
    expect(seen).toEqual(['1 reader', '2 reader'])
  })
})

describe("a user's scheduler and clock", () => {
  test('change no context: time slices that are run from elsewhere have the context of their fiber', () => {
    const machine = new Machine()
    const seen: Array<string> = []
    const note = Task.sync(() => seen.push(who()))
    const program = pipe(
      note,
      Task.flatMap(() => Task.sleep(1)),
      Task.flatMap(() => note),
      Task.ensuring(note)
    )
    als.run('ann', () => machine.fork(program))
    als.run('bob', () => machine.fork(program))
    als.run('driver', () => {
      machine.run()
      machine.clock.advance(1)
      machine.run()
      expect(who()).toBe('driver')
    })
    expect(seen).toEqual(['ann', 'bob', 'ann', 'ann', 'bob', 'bob'])
  })

  test('restore the outer context after a nested time slice', () => {
    const machine = new Machine()
    const inner = als.run('inner', () => machine.fork(ask))
    const outer = als.run('outer', () =>
      runSync(
        Task.sync(() => {
          const before = who()
          machine.run()
          return [before, who()]
        })
      )
    )
    expect(outer).toEqual(right(['outer', 'outer']))
    expect(inner.poll()).toEqual({ _tag: 'Some', value: right('inner') })
  })

  test('leave the context of the caller when the scheduler throws', () => {
    const runtime = makeRuntime({
      scheduler: {
        schedule: (_fiber, run) => {
          if (who() === 'refused') throw new Error('refused')
          setImmediate(run)
        }
      }
    })
    expect(() => als.run('refused', () => runtime.runFork(Task.unit))).toThrow('refused')
    expect(who()).toBe('nobody')
  })
})

describe('a part of a program with its own context', () => {
  /** As `als.run` around a call. */
  const within = <E, A>(user: string, self: Task.Task<E, A>): Task.Task<E, A> =>
    inHostContext((capture) => als.run(user, capture), self)

  test('has it in every time slice, and so have the fibers that it starts; the surrounding code has not', async () => {
    const group = new Group()
    const inner = Task.gen(function* () {
      const first = yield* ask
      yield* Task.sleep(1)
      const second = yield* ask
      const [child] = yield* Task.all([ask])
      const spawned = yield* group.spawn(
        pipe(
          Task.sleep(2),
          Task.flatMap(() => ask)
        )
      )
      return { seen: [first, second, child], spawned }
    })
    const program = Task.gen(function* () {
      const before = yield* ask
      const { seen, spawned } = yield* within('inner', inner)
      const after = yield* ask
      yield* Task.sleep(1)
      return [before, ...seen, after, yield* ask, yield* spawned.join()]
    })
    expect(await runAs('outer', program)).toEqual([
      'outer',
      'inner',
      'inner',
      'inner',
      'outer',
      'outer',
      'inner'
    ])
    group.close()
  })

  test('restores the outer context after a failure, a defect, an interruption, and nested parts', async () => {
    const seen: Array<string> = []
    const note = Task.sync(() => seen.push(who()))
    const left = (self: Task.Task<unknown, unknown>) =>
      pipe(
        within('inner', pipe(self, Task.ensuring(note))),
        Task.ensuring(note),
        Task.exit,
        Task.flatMap(() => note)
      )
    await runAs('outer', left(Task.fail('no')))
    await runAs('outer', left(Task.die('no')))
    await runAs('outer', left(within('innermost', Task.fail('no'))))
    const fiber = als.run('outer', () => runFork(left(Task.never)))
    await turnOfHost()
    await als.run('killer', () => runTask(fiber.interrupt()))
    const whole = ['inner', 'outer', 'outer']
    expect(seen).toEqual([...whole, ...whole, ...whole, 'inner', 'outer'])
  })

  test('adds no place where other fibers run or an interruption is delivered', () => {
    const machine = new Machine()
    const seen: Array<string> = []
    const program = pipe(
      Task.sync(() => fiber.interruptNowait()),
      Task.flatMap(() =>
        within(
          'inner',
          Task.sync(() => seen.push(who()))
        )
      ),
      Task.flatMap(() => Task.sync(() => seen.push(who())))
    )
    const fiber: Fiber<never, unknown> = als.run('outer', () => machine.fork(program))
    machine.fork(Task.sync(() => seen.push('another')))
    machine.turn()
    expect(seen).toEqual(['inner', 'outer'])
  })

  test('uses no budget, and does not renew it', () => {
    const turnsOf = (step: (self: Task.Task<never, void>) => Task.Task<never, void>): number => {
      const machine = new Machine({ yieldEvery: 7 })
      const loop = (left: number): Task.Task<never, void> =>
        left === 0
          ? Task.unit
          : pipe(
              step(Task.sync(() => undefined)),
              Task.flatMap(() => loop(left - 1))
            )
      machine.fork(loop(100))
      machine.run()
      return machine.turns
    }
    const local = new FiberLocal(0)
    expect(turnsOf((self) => within('inner', self))).toBe(turnsOf(local.locally(1)))
  })

  test('has the context of the fiber on a host without async contexts', async () => {
    expect(
      await runAs(
        'outer',
        inHostContext(() => undefined, ask)
      )
    ).toBe('outer')
  })
})

describe('a run of the testing kit', () => {
  const contexts = (): Task.Task<never, ReadonlyArray<string>> =>
    Task.gen(function* () {
      const queue = yield* Queue.make<number>(1)
      const seen: Array<string> = []
      const note = Task.sync(() => seen.push(who()))
      const side = (self: Task.Task<unknown, unknown>) =>
        Task.orDie(
          pipe(
            note,
            Task.flatMap(() => self),
            Task.flatMap(() => note),
            Task.ensuring(note)
          )
        )
      yield* Task.all([side(queue.put(1)), side(queue.get())])
      return seen
    })

  test('has the context of its caller, in every interleaving', async () => {
    const check = (seen: unknown): void =>
      expect(new Set(seen as Iterable<string>)).toEqual(new Set(['tester']))
    await als.run('tester', async () => {
      const { exit } = await runTest(contexts(), { seed: 1 })
      if (isRight(exit)) check(exit.right)
      await explore(contexts, {
        check: ({ exit: end }) => (isRight(end) ? check(end.right) : undefined)
      })
      await sweepInterrupts(contexts)
    })
  })
})
