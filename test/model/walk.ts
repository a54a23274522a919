/**
 * The steps of a program as Tasks that work on its world.
 *
 * The Task of a step is built once, and may be run more than once: what belongs to one run is made when that begins.
 */
import { Task, TimeoutError } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import { closeShared, inGroup, inSubgroup, join, spawn } from './fibers.js'
import type { Body, Step } from './program.js'
import { joined, masked, unlessClosed, unmasked, type Work } from './regions.js'
import {
  countReasons,
  isInterrupted,
  plannedDefect,
  plannedFailure,
  type Walker,
  type World
} from './world.js'

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
  return unlessClosed(world.standing(world.lines.get, 1, () => wait))
}

function put(world: World, by: Walker): Work {
  return Task.suspend(() => {
    const item = world.newItem(by)
    const wait = pipe(
      world.queue.put(item),
      Task.map(() => world.gave(item))
    )
    return unlessClosed(world.standing(world.lines.put, 1, () => wait))
  })
}

export function walk(world: World, by: Walker, body: Body): Work {
  const steps = body.map((step) => take(world, by, step))
  return Task.gen(function* () {
    for (const step of steps) {
      world.sees(by)
      yield* step
    }
    world.sees(by)
  })
}

/** A side: one that is started and waited for. */
const side = (world: World, by: Walker, body: Body): { readonly by: Walker; readonly work: Work } => {
  const below = world.below(by)
  return { by: below, work: walk(world, below, body) }
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
      return Task.sync(() => world.act(by, 'put'))
    case 'getNowait':
      return Task.sync(() => world.act(by, 'get'))
    case 'forEach':
      return forSome(world, by, step.leaveAfter)
    case 'latch':
      if (step.act === 'wait') return world.standing(world.lines.latch, 1, () => world.latch.wait())
      return Task.sync(() => {
        if (step.act === 'open') world.act(by, 'open')
        else if (!world.ending) world.latch.shut()
      })
    case 'deferred':
      if (step.act === 'wait') return world.standing(world.lines.deferred, 1, () => world.deferred.wait())
      return Task.sync(() => world.act(by, 'succeed'))
    case 'end':
      return end(by, step.how)
    case 'strike':
      return Task.sync(() => {
        if (step.order === 'before') world.strike(step.victim)?.interruptNowait()
        world.act(by, step.with)
        if (step.order === 'after') world.strike(step.victim)?.interruptNowait()
      })
    case 'bracket':
      return bracket(world, by, step)
    case 'ensuring':
      return ensuring(world, by, step)
    case 'uninterruptible':
      return Task.uninterruptible(
        pipe(
          masked(by, walk(world, by, step.body)),
          Task.onExit((exit) =>
            Task.sync(() =>
              world.must(
                !isInterrupted(exit) || by.owner.isSelfInterrupted,
                `5: ${by.owner.id} was interrupted within a mask`
              )
            )
          )
        )
      )
    case 'restore': {
      const body = unmasked(by, walk(world, by, step.body))
      return Task.uninterruptibleMask((restore) => masked(by, restore(body)))
    }
    case 'absorb':
      return pipe(
        masked(by, walk(world, by, step.body)),
        // The last thing within: nobody else can act between this and the end of the region.
        Task.onExit(() => Task.sync(() => by.owner.absorb())),
        Task.uncancellable({ raiseCancel: false })
      )
    case 'outlast':
      return pipe(masked(by, walk(world, by, step.body)), Task.uncancellable())
    case 'recover':
      return pipe(
        Task.exit(walk(world, by, step.body)),
        Task.tap((exit) => Task.sync(() => world.checkReasons(exit, 'a recovered body')))
      )
    case 'twice':
      return twice(world, by, step)
    case 'race':
    case 'all':
      return together(world, by, step)
    case 'timeout':
      return timeout(world, by, step)
    case 'withPermits':
      return withPermits(world, by, step)
    case 'tryWithPermits':
      return pipe(
        world.holding(step.permits, walk(world, by, step.body)),
        world.semaphore.tryWithPermits(step.permits),
        Task.map((result) => Option.isSome(result))
      )
    case 'spawn':
      return spawn(world, by, step)
    case 'withGroup':
      return inGroup(world, by, step)
    case 'subgroup':
      return inSubgroup(world, by, step)
    case 'join':
      return join(world, by, step)
    case 'closeShared':
      return closeShared(world, step)
  }
}

function end(by: Walker, how: 'fail' | 'die' | 'interrupt'): Work {
  switch (how) {
    case 'fail':
      return Task.fail(plannedFailure)
    case 'die':
      return Task.die(plannedDefect)
    case 'interrupt':
      return Task.suspend(() => {
        by.owner.interruptsItself()
        return Task.interrupt
      })
  }
}

function bracket(world: World, by: Walker, step: Extract<Step, { readonly step: 'bracket' }>): Work {
  const body = walk(world, by, step.body)
  const acquire = Task.sync(() => world.acquire(by))
  const release = (id: number): Task.Task<never, void> =>
    Task.suspend(() => {
      world.release(by, id)
      return step.release === 'dies' ? Task.die(plannedDefect) : Task.unit
    })
  return Task.bracket(
    step.release === 'slow'
      ? pipe(
          Task.yieldNow,
          Task.flatMap(() => acquire)
        )
      : acquire,
    () => body,
    (id) =>
      step.release === 'slow'
        ? pipe(
            masked(by, Task.yieldNow),
            Task.flatMap(() => release(id))
          )
        : release(id)
  )
}

/** What goes wrong in the finalizer stands behind what went wrong before it: nothing is dropped. */
function ensuring(world: World, by: Walker, step: Extract<Step, { readonly step: 'ensuring' }>): Work {
  const body = walk(world, by, step.body)
  const finalizer = walk(world, by, step.finalizer)
  return Task.suspend(() => {
    let isOpen = false
    let expected = { fails: 0, dies: 0 }
    const add = (exit: Parameters<typeof countReasons>[0]): void => {
      const { fails, dies } = countReasons(exit)
      expected = { fails: expected.fails + fails, dies: expected.dies + dies }
    }
    const noted = (task: Work): Work =>
      pipe(
        task,
        Task.onExit((exit) => Task.sync(() => add(exit)))
      )
    return pipe(
      Task.suspend(() => {
        isOpen = true
        by.owner.enter()
        return noted(body)
      }),
      Task.ensuring(
        pipe(
          masked(by, noted(finalizer)),
          Task.onExit(() =>
            Task.sync(() => {
              if (isOpen) by.owner.leave()
            })
          )
        )
      ),
      Task.onExit((exit) =>
        Task.sync(() => {
          const got = countReasons(exit)
          // A defect may stand there twice: by itself, and in what an interruption carries.
          const isAll = got.fails >= expected.fails && got.dies >= expected.dies
          world.must(
            isAll,
            `7: of ${JSON.stringify(expected)} there is ${JSON.stringify(got)} after a finalizer`
          )
        })
      )
    )
  })
}

/** One and the same value, run twice. */
function twice(world: World, by: Walker, step: Extract<Step, { readonly step: 'twice' }>): Work {
  let runs = 0
  if (step.how === 'in turn') {
    const body = walk(world, by, step.body)
    const once = Task.suspend(() => {
      runs++
      return body
    })
    return pipe(
      Task.sync(() => {
        runs = 0
      }),
      Task.flatMap(() => once),
      Task.flatMap(() => once),
      Task.map(() => world.must(by.isDouble || runs === 2, `2: run twice, it ran ${runs} times`))
    )
  }
  const double = world.walker(by.topLevel, world.newOwner(by.owner, true), by.context, true)
  const body = walk(world, double, step.body)
  return joined(world, by, 'a Task value run twice', (count) => {
    const once = count(double, body)
    return Task.all([once, once])
  })
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
  const one = side(world, by, step.body)
  const other = side(world, by, step.other)
  /** What ends the other one. */
  const decides = step.step === 'race' ? 'Right' : 'Left'
  return joined(world, by, step.step, (count) => {
    const sideOf = (mine: typeof one, its: Walker): Work =>
      pipe(
        count(mine.by, mine.work),
        Task.onExit((exit) =>
          Task.sync(() => {
            if (exit._tag === decides) its.owner.strikes++
          })
        )
      )
    const [left, right] = [sideOf(one, other.by), sideOf(other, one.by)]
    return step.step === 'race' ? pipe(left, Task.race(right)) : Task.all([left, right])
  })
}

function timeout(world: World, by: Walker, step: Extract<Step, { readonly step: 'timeout' }>): Work {
  const body = side(world, by, step.body)
  const timed = pipe(
    Task.suspend(() => {
      // At rest its time is over.
      body.by.owner.strikes++
      return body.work
    }),
    (work) => joined(world, by, 'timeout', (count) => pipe(count(body.by, work), Task.timeout(step.ms)))
  )
  return pipe(
    timed,
    Task.orElse((error) => (error instanceof TimeoutError ? Task.unit : Task.fail(error)))
  )
}

function withPermits(
  world: World,
  by: Walker,
  { permits, body }: Extract<Step, { readonly permits: number }>
): Work {
  const work = walk(world, by, body)
  return world.standing(world.lines.permits, permits, (leave) =>
    pipe(
      Task.suspend(() => {
        // In the line up to the moment in which the permits are there.
        leave()
        return world.holding(permits, work)
      }),
      world.semaphore.withPermits(permits)
    )
  )
}
