/** Runs the steps of a program on its world. */
import { Cause, Group, Task, TimeoutError } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import { after } from './modes.js'
import type { Act, Body, Program, Step } from './program.js'
import { plannedDefect, plannedFailure, type Walker, type World } from './world.js'

type Work = Task.Task<unknown, unknown>

/** Closed is not what the model is after: whoever finds it so goes on to his next step. */
const unlessClosed = <E>(task: Task.Task<E, unknown>): Task.Task<never, unknown> =>
  pipe(
    task,
    Task.orElse(() => Task.unit)
  )

function get(world: World, by: Walker, how: 'get' | 'getAll'): Work {
  const { queue } = world
  const wait: Task.Task<unknown, void> =
    how === 'getAll'
      ? pipe(
          queue.getAll(2),
          Task.map((items) => world.took(by, items))
        )
      : pipe(
          queue.get(),
          Task.map((item) => world.took(by, [item]))
        )
  return unlessClosed(world.standing(world.lines.get, 1, wait))
}

function put(world: World, by: Walker): Work {
  return Task.suspend(() => {
    const item = world.newItem(by)
    const wait = pipe(
      world.queue.put(item),
      Task.map(() => world.gave(item))
    )
    return unlessClosed(world.standing(world.lines.put, 1, wait))
  })
}

function act(world: World, by: Walker, what: Act | 'put' | 'get'): void {
  switch (what) {
    case 'put': {
      const item = world.newItem(by)
      if (world.queue.putNowait(item)._tag === 'Right') world.gave(item)
      return
    }
    case 'get': {
      const got = world.queue.getNowait()
      if (got._tag === 'Right') world.took(by, [got.right])
      return
    }
    case 'open':
      world.latch.open()
      return
    case 'succeed':
      world.deferred.succeed(undefined)
      return
    case 'closeQueue':
      world.queue.close()
      return
    case 'nothing':
  }
}

/** Whatever these start has ended when they do. */
function joined(world: World, law: string, make: (count: (side: Work) => Work) => Work): Work {
  return Task.suspend(() => {
    let alive = 0
    const count = (side: Work): Work =>
      Task.bracket(
        Task.sync(() => void alive++),
        () => side,
        () => Task.sync(() => void alive--)
      )
    return pipe(
      make(count),
      Task.onExit(() => {
        world.must(alive === 0, `3: ${law} came back with ${alive} alive`)
        return Task.unit
      })
    )
  })
}

export function walk(world: World, by: Walker, body: Body): Work {
  return Task.gen(function* () {
    for (const step of body) yield* take(world, by, step)
  })
}

function take(world: World, by: Walker, step: Step): Work {
  switch (step.step) {
    case 'yield':
      return Task.yieldNow
    case 'sleep':
      return Task.sleep(step.ms)
    case 'get':
    case 'getAll':
      return get(world, by, step.step)
    case 'put':
      return put(world, by)
    case 'putNowait':
      return Task.sync(() => act(world, by, 'put'))
    case 'getNowait':
      return Task.sync(() => act(world, by, 'get'))
    case 'forEach':
      return forSome(world, by, step.leaveAfter)
    case 'latch':
      if (step.act === 'wait') return world.standing(world.lines.latch, 1, world.latch.wait())
      return Task.sync(() => {
        if (step.act === 'open') world.latch.open()
        else if (!world.ending) world.latch.shut()
      })
    case 'deferred':
      if (step.act === 'wait') return world.standing(world.lines.deferred, 1, world.deferred.wait())
      return Task.sync(() => void world.deferred.succeed(undefined))
    case 'end':
      return step.how === 'fail'
        ? Task.fail(plannedFailure)
        : step.how === 'die'
          ? Task.die(plannedDefect)
          : Task.interrupt
    case 'strike':
      return Task.sync(() => {
        const victim = world.fibers[step.victim]
        if (step.order === 'before') victim?.interruptNowait()
        act(world, by, step.with)
        if (step.order === 'after') victim?.interruptNowait()
      })
    case 'bracket':
      return Task.bracket(
        Task.sync(() => world.acquire(by)),
        () => walk(world, by, step.body),
        (id) => Task.sync(() => world.release(by, id))
      )
    case 'ensuring':
      return pipe(Task.yieldNow, Task.ensuring(walk(world, world.walker(by.topLevel), step.body)))
    case 'uninterruptible':
      return Task.uninterruptible(walk(world, by, step.body))
    case 'absorb':
      return pipe(walk(world, by, step.body), Task.uncancellable({ raiseCancel: false }))
    case 'outlast':
      return pipe(walk(world, by, step.body), Task.uncancellable())
    case 'recover':
      return pipe(
        Task.exit(walk(world, by, step.body)),
        Task.tap((exit) => Task.sync(() => world.checkReasons(exit, 'a recovered body')))
      )
    case 'race':
    case 'all':
      return together(world, by, step)
    case 'timeout':
      return joined(world, 'timeout', (count) =>
        pipe(
          count(walk(world, world.walker(by.topLevel), step.body)),
          Task.timeout(step.ms),
          Task.orElse((error) => (error instanceof TimeoutError ? Task.unit : Task.fail(error)))
        )
      )
    case 'withPermits': {
      // In the line up to the moment in which the permits are there.
      const place = {}
      return pipe(
        Task.suspend(() => {
          world.lines.permits.delete(place)
          return world.holding(step.permits, walk(world, by, step.body))
        }),
        world.semaphore.withPermits(step.permits),
        (task) =>
          Task.suspend(() => {
            world.lines.permits.set(place, step.permits)
            return task
          }),
        Task.onExit(() => {
          world.lines.permits.delete(place)
          return Task.unit
        })
      )
    }
    case 'tryWithPermits':
      return pipe(
        world.holding(step.permits, walk(world, by, step.body)),
        world.semaphore.tryWithPermits(step.permits),
        Task.map((result) => Option.isSome(result))
      )
    case 'spawn':
      return pipe(
        world.shared.spawn(walk(world, world.walker(by.topLevel), step.body), {
          name: 'spawned in the model'
        }),
        Task.map((fiber) => void world.spawned.push(fiber)),
        unlessClosed
      )
    case 'withGroup':
      return inGroup(world, by, step)
    case 'join': {
      const target = step.below < by.topLevel ? world.fibers[step.below] : undefined
      return target === undefined ? Task.unit : pipe(target.wait(), Task.asUnit)
    }
    case 'closeShared': {
      const options =
        step.how === 'now' ? {} : step.how === 'patiently' ? { interrupt: false } : { graceMs: 2 }
      return step.wait
        ? pipe(
            world.shared.asyncClose(options),
            Task.map(() => world.must(world.shared.isClosed, '9: asyncClose() came back before closed'))
          )
        : Task.sync(() => world.shared.close(options))
    }
  }
}

/** Goes through the queue and leaves early by a failure that is its own. */
function forSome(world: World, by: Walker, leaveAfter: number): Work {
  return Task.suspend(() => {
    const enough = { _tag: 'Enough' } as const
    let seen = 0
    const going = world.queue.forEach((item) => {
      world.took(by, [item])
      return ++seen >= leaveAfter ? Task.fail(enough) : Task.yieldNow
    })
    return unlessClosed(going)
  })
}

function together(world: World, by: Walker, step: Extract<Step, { readonly other: Body }>): Work {
  return joined(world, step.step, (count) => {
    const one = count(walk(world, world.walker(by.topLevel), step.body))
    const other = count(walk(world, world.walker(by.topLevel), step.other))
    return step.step === 'race' ? pipe(one, Task.race(other)) : Task.all([one, other])
  })
}

function inGroup(world: World, by: Walker, step: Extract<Step, { readonly step: 'withGroup' }>): Work {
  return joined(world, 'withGroup', (count) =>
    Task.suspend(() => {
      let inner: Group<unknown> | undefined
      return pipe(
        Task.withGroup(
          (group: Group<unknown>): Work =>
            Task.gen(function* () {
              inner = group
              for (const member of step.members) {
                yield* group.spawn(count(walk(world, world.walker(by.topLevel), member)))
              }
              yield* count(walk(world, world.walker(by.topLevel), step.body))
            }),
          { whenDone: step.wait ? 'wait' : 'interrupt' }
        ),
        Task.onExit(() => {
          world.must(
            inner === undefined || (inner.isClosed && inner.size === 0),
            '11: withGroup left its group'
          )
          return Task.unit
        })
      )
    })
  )
}

/** The whole run: the fibers, those who strike, a rest, the end; and the laws checked at rest and at the end. */
export function play(program: Program, makeWorld: Task.Task<never, World>): Task.Task<unknown, World> {
  return Task.gen(function* () {
    const world = yield* makeWorld
    world.root = yield* Group.make<unknown>({ name: 'model root', onFailure: world.onFailure })
    world.shared = yield* world.root.createSubgroup({ name: 'model shared' })
    for (const [index, body] of program.fibers.entries()) {
      const work = walk(world, world.walker(index), body)
      world.fibers.push(yield* world.root.spawn(work, { name: `model fiber ${index}` }))
    }
    const others = yield* Group.make({ name: 'model strikers' })
    for (const { turns, victim } of program.strikes) {
      yield* others.spawn(after(turns, () => world.fibers[victim]?.interruptNowait()))
    }
    if (program.closeQueueAfter !== undefined) {
      yield* others.spawn(after(program.closeQueueAfter, () => world.queue.close()))
    }
    // Nobody sleeps that long: when this is over all who are left wait for somebody else.
    yield* Task.sleep(1000)
    world.checkAtRest()
    world.ending = true
    world.queue.close()
    world.latch.open()
    world.deferred.succeed(undefined)
    yield* others.asyncClose()
    yield* world.root.asyncClose()
    world.checkAtEnd()
    return world
  })
}

export const describeReports = (reports: ReadonlyArray<Cause.Cause<unknown>>): ReadonlyArray<string> =>
  reports
    .flatMap((cause) => Cause.defects(cause))
    .filter((defect) => defect !== plannedDefect)
    .map(String)
