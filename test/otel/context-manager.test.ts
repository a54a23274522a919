/** Context managers: the context that host code sees as active is that of the running fiber. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { type Context, context, createContextKey, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  addHooks,
  type Fiber,
  Group,
  type Hooks,
  makeRuntime,
  Queue,
  runFork,
  runSync,
  runTask,
  Task
} from 'aio-ts'
import { contextOf, FiberContextManager, fiberEvents, withContext, withSpan } from 'aio-ts/otel'
import { runTest, sweepInterrupts } from 'aio-ts/testing'
import { right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, describe, expect, test } from 'vitest'
import { contextManagers, stockManager, useTraces } from './support.js'

const key = createContextKey('who')
const named = (name: string, from: Context = ROOT_CONTEXT) => from.setValue(key, name)
const who = () => context.active().getValue(key) ?? 'nobody'
const ask = Task.sync(who)

const turnOfHost = () => new Promise<void>((resolve) => setImmediate(resolve))

/** What an instrumented client does: it takes what is active as the parent, also after it has waited. */
const client = async (name: string): Promise<void> => {
  const tracer = trace.getTracer('client')
  const outer = tracer.startSpan(`${name} at once`)
  await context.with(trace.setSpan(context.active(), outer), async () => {
    await turnOfHost()
    tracer.startSpan(`${name} inside`).end()
  })
  outer.end()
  await turnOfHost()
  tracer.startSpan(`${name} after an await`).end()
}
const fetched = (name: string) => Task.promise(() => client(name))

describe.each(contextManagers)('with %s', (_, makeManager) => {
  const traces = useTraces({ contexts: makeManager })

  describe('clients without support for fibers', () => {
    test('nest under the span of the fiber that calls them, also after an await', async () => {
      await runTask(
        pipe(
          Task.sleep(0),
          Task.flatMap(() => withSpan('inner')(fetched('get'))),
          Task.flatMap(() => fetched('put')),
          withSpan('outer')
        )
      )
      expect(traces.lines()).toEqual([
        'get inside < get at once < inner < outer',
        'get at once < inner < outer',
        'get after an await < inner < outer',
        'inner < outer',
        'put inside < put at once < outer',
        'put at once < outer',
        'put after an await < outer',
        'outer'
      ])
    })

    test('stay separate if fibers alternate', async () => {
      const names = ['a', 'b', 'c', 'd']
      const one = (name: string) =>
        pipe(
          Task.yieldNow,
          Task.flatMap(() => fetched(name)),
          Task.flatMap(() => Task.sleep(1)),
          Task.flatMap(() => fetched(name)),
          withSpan(`task ${name}`)
        )
      await runTask(pipe(names, Task.forEach(one, { concurrency: 3 }), withSpan('all')))
      for (const name of names) {
        const own = traces.lines().filter((line) => line.startsWith(`${name} `))
        expect(own.length).toBe(6)
        for (const line of own) expect(line).toMatch(new RegExp(`^${name} .* < task ${name} < all$`))
      }
    })

    test('that continue when the fiber is in another span stay in the span of their start', async () => {
      const seen: Array<unknown> = []
      let running: Promise<void> | undefined
      const slow = async () => {
        await turnOfHost()
        seen.push(who())
        await turnOfHost()
        seen.push(who())
      }
      const start = Task.sync(() => {
        running = slow()
      })
      const wait = Task.promise(() => running ?? Promise.reject(new Error('not started')))
      await runTask(
        pipe(
          start,
          withContext(named('first')),
          Task.flatMap(() => withContext(named('second'))(wait))
        )
      )
      expect(seen).toEqual(['first', 'first'])
    })
  })

  describe('a time slice', () => {
    test('has the context of its fiber, which may change within it', async () => {
      const inner = pipe(ask, withContext(named('inner')))
      const failing = pipe(
        Task.fail('e'),
        withContext(named('failing')),
        Task.orElse(() => ask)
      )
      const dying = pipe(
        Task.die('d'),
        withContext(named('dying')),
        Task.catchCause(() => ask)
      )
      const finalizer: Array<unknown> = []
      const cleaned = pipe(
        Task.unit,
        Task.ensuring(Task.sync(() => finalizer.push(who()))),
        withContext(named('cleaned'))
      )
      const program = Task.gen(function* () {
        const seen = [yield* ask, yield* inner, yield* ask, yield* failing, yield* dying]
        yield* cleaned
        return [...seen, yield* ask]
      })
      const { exit } = await runTest(withContext(named('outer'))(program))
      expect(exit).toEqual(right(['outer', 'inner', 'outer', 'outer', 'outer', 'outer']))
      expect(finalizer).toEqual(['cleaned'])
      expect(who()).toBe('nobody')
    })

    test('does not see the context of the previous time slice', async () => {
      const seen: Array<unknown> = []
      const note = Task.sync(() => seen.push(who()))
      const loud = pipe(
        note,
        Task.flatMap(() => Task.yieldNow),
        Task.flatMap(() => note),
        withContext(named('loud'))
      )
      const quiet = pipe(
        note,
        Task.flatMap(() => Task.yieldNow),
        Task.flatMap(() => note)
      )
      await Promise.all([runTask(loud), runTask(quiet)])
      expect(seen).toEqual(['loud', 'nobody', 'loud', 'nobody'])
    })

    test('that wakes other fibers does not pass its context to them', async () => {
      const program = Task.gen(function* () {
        const queue = yield* Queue.make<number>(1)
        const seen: Array<unknown> = []
        const getter = runFork(
          pipe(
            queue.get(),
            Task.flatMap(() => Task.promise(turnOfHost)),
            Task.tap(() => Task.sync(() => seen.push(who())))
          )
        )
        yield* Task.yieldNow
        yield* pipe(queue.put(1), withContext(named('putter')))
        yield* getter.join()
        return seen
      })
      expect(await runTask(program)).toEqual(right(['nobody']))
    })

    test('within another, by runSync, restores the outer context', async () => {
      const program = Task.sync(() => {
        const before = who()
        const within = runSync(withContext(named('inner'))(ask))
        const inherited = runSync(ask)
        const scoped = context.with(named('with'), () => [who(), runSync(ask), who()])
        return [before, within, inherited, ...scoped, who()]
      })
      const all = await runTask(withContext(named('outer'))(program))
      expect(all).toEqual(
        right(['outer', right('inner'), right('outer'), 'with', right('with'), 'with', 'outer'])
      )
    })

    test('continues after a nested one, and its context may still change', async () => {
      const program = pipe(
        Task.sync(() => runSync(ask)),
        Task.flatMap(() => withContext(named('later'))(ask))
      )
      expect(await runTask(withContext(named('outer'))(program))).toEqual(right('later'))
    })

    test('of each item of a forEach has the context of the forEach', async () => {
      const seen: Array<unknown> = []
      const one = (name: string) =>
        pipe(
          Task.sync(() => seen.push(who())),
          Task.flatMap(() => withContext(named(name))(Task.promise(turnOfHost)))
        )
      await runTask(pipe(['a', 'b', 'c'], Task.forEach(one, { concurrency: 1 })))
      await runTask(pipe(['a', 'b', 'c', 'd'], Task.forEach(one, { concurrency: 2 })))
      expect(seen).toEqual(seen.map(() => 'nobody'))
    })

    test('of runSync leaves no context in its caller', () => {
      const seen = context.with(named('caller'), () => [runSync(withContext(named('inner'))(ask)), who()])
      expect(seen).toEqual([right('inner'), 'caller'])
      expect(who()).toBe('nobody')
    })
  })

  describe('the start of a program', () => {
    test('passes the active context to its first fiber, and to all fibers below it', async () => {
      const spawned = Task.withGroup((group) =>
        Task.flatMap((fiber: { join: () => Task.Task<never, unknown> }) => fiber.join())(group.spawn(ask))
      )
      const program = Task.all([
        ask,
        pipe(
          Task.sleep(0),
          Task.flatMap(() => ask)
        ),
        spawned
      ])
      const exit = await context.with(named('request'), () => runTask(program))
      expect(exit).toEqual(right(['request', 'request', 'request']))
    })

    test('nests spans under the active span, each under its own', async () => {
      const tracer = trace.getTracer('server')
      const handle = (name: string) =>
        tracer.startActiveSpan(name, async (span) => {
          await runTask(withSpan(`work of ${name}`)(Task.sleep(1)))
          span.end()
        })
      await Promise.all(['one', 'two'].map(handle))
      expect([...traces.lines()].sort()).toEqual(['one', 'two', 'work of one < one', 'work of two < two'])
    })

    test('of a fiber in a group uses the context of the spawn', async () => {
      const group = new Group()
      const seen: Array<unknown> = []
      const note = pipe(
        Task.sleep(0),
        Task.flatMap(() => Task.sync(() => seen.push(who())))
      )
      context.with(named('first'), () => group.spawnNowait(note))
      context.with(named('second'), () => group.spawnNowait(note))
      group.spawnNowait(note)
      group.close({ interrupt: false })
      await runTask(group.waitClosed())
      expect(seen).toEqual(['first', 'second', 'nobody'])
    })

    test('on a custom runtime behaves the same', async () => {
      const runtime = makeRuntime({ yieldEvery: 1 })
      expect(await context.with(named('a'), () => runtime.runTask(ask))).toEqual(right('a'))
    })
  })

  describe('hooks', () => {
    const undos: Array<() => void> = []
    afterEach(() => {
      for (const undo of undos.splice(0)) undo()
    })

    test('receive the context of a fiber by contextOf, wherever they were added', async () => {
      const seen: Array<unknown> = []
      const note = (event: string, fiber: Fiber<unknown, unknown>) =>
        void seen.push(`${event} ${contextOf(fiber).getValue(key) ?? 'nobody'}`)
      const hooks: Hooks = {
        fiberStarted: (fiber) => note('started', fiber),
        fiberEnded: (fiber) => note('ended', fiber)
      }
      undos.push(context.with(named('adder'), () => addHooks(hooks)))
      await context.with(named('request'), () => runTask(Task.all([withContext(named('child'))(Task.unit)])))
      await runTask(Task.unit)
      expect(seen).toEqual([
        'started request',
        'started request',
        'ended request',
        'ended request',
        'started nobody',
        'ended nobody'
      ])
    })

    test('of fiberEvents receive the span that is active at the start of a fiber', async () => {
      undos.push(fiberEvents())
      const tracer = trace.getTracer('server')
      await tracer.startActiveSpan('request', async (span) => {
        await runTask(Task.sleep(1), { name: 'handler' })
        span.end()
      })
      expect(traces.span('request').events.map(({ name }) => name)).toEqual([
        'aio.fiber.started',
        'aio.fiber.ended'
      ])
    })
  })

  describe('the other methods of a context manager are unchanged', () => {
    test('with applies to its call and to the fibers started in it, also with the root context', async () => {
      const seen = Task.promise(() =>
        context.with(ROOT_CONTEXT, async () => {
          const before = who()
          await turnOfHost()
          return [before, who()]
        })
      )
      expect(await runTask(withContext(named('fiber'))(seen))).toEqual(right(['nobody', 'nobody']))
    })

    test('with passes this, arguments and result', () => {
      const sum = context.with(
        named('a'),
        function (this: { readonly base: number }, more: number) {
          return `${who()} ${this.base + more}`
        },
        { base: 1 },
        2
      )
      expect(sum).toBe('a 3')
    })

    test('bound functions and emitters have their own context, whichever fiber runs', async () => {
      const emitter = context.bind(named('emitter'), new EventEmitter())
      const seen: Array<unknown> = []
      emitter.on('event', () => seen.push(who()))
      const bound = context.bind(named('bound'), who)
      const root = context.bind(ROOT_CONTEXT, who)
      const program = Task.sync(() => {
        emitter.emit('event')
        seen.push(bound(), root(), who())
      })
      await runTask(withContext(named('fiber'))(program))
      expect(seen).toEqual(['emitter', 'bound', 'nobody', 'fiber'])
    })

    test('another AsyncLocalStorage is not affected', async () => {
      const other = new AsyncLocalStorage<string>()
      const exit = await other.run('mine', () =>
        runTask(
          Task.promise(async () => {
            await turnOfHost()
            return other.getStore()
          })
        )
      )
      expect(exit).toEqual(right('mine'))
    })
  })

  test('an interruption at every step leaves no fiber in the context of another', async () => {
    const mistakes: Array<string> = []
    const note = (name: string) =>
      Task.sync(() => {
        if (who() !== name) mistakes.push(`${name} sees ${who()}`)
      })
    const within = (name: string) =>
      pipe(
        note(name),
        Task.flatMap(() => Task.sleep(1)),
        Task.flatMap(() => note(name)),
        Task.ensuring(note(name)),
        withContext(named(name)),
        Task.ensuring(note('outer'))
      )
    const make = () =>
      pipe(
        Task.all([
          within('a'),
          within('b'),
          pipe(
            within('c'),
            Task.flatMap(() => within('d'))
          )
        ]),
        Task.ensuring(note('outer')),
        withContext(named('outer'))
      )
    const { steps } = await sweepInterrupts(make, { check: () => void expect(who()).toBe('nobody') })
    expect(steps).toBeGreaterThan(30)
    expect(mistakes).toEqual([])
  })
})

describe('FiberContextManager', () => {
  afterEach(() => context.disable())

  test('shows no context to fibers started before it was enabled', async () => {
    const early = runFork(
      pipe(
        Task.sleep(0),
        Task.flatMap(() => ask)
      )
    )
    await runTask(Task.yieldNow)
    const outside = stockManager()
    const manager = new FiberContextManager(outside)
    outside.with(named('enabler'), () => manager.enable())
    context.setGlobalContextManager(manager)
    expect(await runTask(early.join())).toEqual(right('nobody'))
  })

  test('shows a context with all its values, also to the wrapped manager', () => {
    const seen: Array<Context> = []
    class Watching extends AsyncLocalStorageContextManager {
      override with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
        given: Context,
        fn: F,
        thisArg?: ThisParameterType<F>,
        ...args: A
      ): ReturnType<F> {
        seen.push(given)
        return super.with(given, fn, thisArg, ...args)
      }
    }
    const manager = new FiberContextManager(new Watching())
    const given = named('a')
    manager.with(given, () => expect(manager.active()).toBe(given))
    const [inside] = seen
    expect(inside?.getValue(key)).toBe('a')
    expect(inside?.setValue(key, 'b').getValue(key)).toBe('b')
    expect(inside?.deleteValue(key).getValue(key)).toBeUndefined()
  })

  test('shows no context after it was disabled, and can be enabled again', async () => {
    const manager = new FiberContextManager(stockManager())
    const look = Task.sync(() => manager.active().getValue(key) ?? 'nobody')
    const program = withContext(named('fiber'))(Task.flatMap(() => look)(Task.yieldNow))
    expect(await runTask(program)).toEqual(right('nobody'))
    manager.enable().enable()
    expect(await runTask(program)).toEqual(right('fiber'))
    manager.disable().disable()
    expect(await runTask(program)).toEqual(right('nobody'))
    manager.enable()
    expect(await runTask(program)).toEqual(right('fiber'))
    manager.disable()
  })

  test('enables and disables the wrapped manager with it', () => {
    const log: Array<string> = []
    class Watched extends AsyncLocalStorageContextManager {
      override enable(): this {
        log.push('enable')
        return super.enable()
      }
      override disable(): this {
        log.push('disable')
        return super.disable()
      }
    }
    new FiberContextManager(new Watched()).enable().disable()
    expect(log).toEqual(['enable', 'disable'])
  })

  test('does not show a context that a fiber entered before it was enabled, but the next one', async () => {
    const manager = new FiberContextManager(stockManager())
    const look = Task.sync(() => manager.active().getValue(key) ?? 'nobody')
    const program = Task.gen(function* () {
      manager.enable()
      const first = yield* look
      const second = yield* withContext(named('later'))(look)
      yield* Task.sleep(0)
      const third = yield* withContext(named('later'))(look)
      manager.disable()
      return [first, second, third, yield* withContext(named('later'))(look)]
    })
    expect(await runTask(withContext(named('fiber'))(program))).toEqual(
      right(['nobody', 'later', 'later', 'nobody'])
    )
  })
})
