/** One run: the fibers, those who strike, those who watch, a rest, the end; and what of it broke an invariant. */
import { Cause, Deferred, dump, type Fiber, Group, Latch, Queue, Semaphore, Task } from 'aio-ts'
import { runTest } from 'aio-ts/testing'
import { pipe } from 'fp-ts/lib/function.js'
import { inContext } from './contexts.js'
import { stop } from './fibers.js'
import type { Owner } from './owner.js'
import type { Program, Setting } from './program.js'
import type { Work } from './regions.js'
import { walk } from './walk.js'
import { isInterrupted, isOver, isPlannedError, plannedDefect, World } from './world.js'

/** Takes `count` steps, at each of which others may go first, then strikes. */
const after = (count: number, isPolite: boolean, strike: Task.Task<unknown, unknown>) =>
  Task.gen(function* () {
    for (let step = 0; step < count; step++) yield* isPolite ? Task.yieldNow : Task.sync(() => undefined)
    yield* strike
  })

/** Waits for the end of a fiber, and sees whether it is one. */
const watch = (world: World, fiber: Fiber<unknown, unknown>, owner: Owner, watcher: number) =>
  pipe(
    fiber.wait(),
    Task.map((exit) => {
      owner.told[watcher] = (owner.told[watcher] ?? 0) + 1
      const known = fiber.poll()
      world.must(known._tag === 'Some' && known.value === exit, `1: ${owner.id} has two exits`)
      world.must(owner.open === 0, `3: ${owner.id} has ended with ${owner.open} finalizers to run`)
      const isAsked =
        owner.isBeingStopped || owner.strikes > owner.forgotten || owner.isSelfInterrupted || world.ending
      world.must(!isInterrupted(exit) || isAsked, `4: ${owner.id} was interrupted once too often`)
      world.log.push(`${owner.id} ended ${exit._tag}`)
    })
  )

/** Sees the shared group's states go by. */
const watchShared = (world: World) =>
  pipe(
    world.shared.waitClosing(),
    Task.map(() => {
      world.must(world.shared.isClosing, '10: told of closing before it')
      world.look()
    }),
    Task.flatMap(() => world.shared.waitClosed()),
    Task.map(() => {
      world.must(world.shared.isClosed, '10: told of closed before it')
      for (const [fiber, owner] of world.inShared)
        world.must(isOver(fiber), `11: ${owner.id} outlived its group`)
    })
  )

/** One step, as `spawn` is, and no more. */
const startIn = (context: string, group: Group<unknown>, work: Work, name: string) =>
  Task.sync(() => {
    const spawned = inContext(context, () => group.spawnNowait(work, { name }))
    if (spawned._tag === 'Left') throw spawned.left
    return spawned.right
  })

const makeWorld = (program: Program) =>
  Task.gen(function* () {
    return new World(
      program,
      yield* Queue.make<number>(program.maxsize),
      yield* Semaphore.make(program.permits),
      yield* Latch.make(program.open),
      yield* Deferred.make<never, void>()
    )
  })

export function play(program: Program): Task.Task<unknown, World> {
  return Task.gen(function* () {
    const world = yield* makeWorld(program)
    world.root = yield* Group.make<unknown>({ name: 'model root', onFailure: world.onFailure })
    world.shared = yield* world.root.createSubgroup({ name: 'model shared' })
    const watchers = yield* Group.make({ name: 'model watchers' })
    yield* watchers.spawn(watchShared(world))
    for (const [index, body] of program.fibers.entries()) {
      const owner = world.newOwner()
      const context = `of fiber ${index}`
      const work = walk(world, world.walker(index, owner, context), body)
      const fiber = yield* startIn(context, world.root, work, `model fiber ${index}`)
      world.fibers.push(fiber)
      world.started(fiber, owner)
      owner.told.push(0, 0)
      yield* watchers.spawn(watch(world, fiber, owner, 0))
      yield* watchers.spawn(watch(world, fiber, owner, 1))
    }
    const others = yield* Group.make<unknown>({ name: 'model strikers', onFailure: world.onFailure })
    for (const { steps, isPolite, victim, wait } of program.strikes) {
      const strike = wait ? stop(world, victim) : Task.sync(() => world.strike(victim)?.interruptNowait())
      yield* others.spawn(after(steps, isPolite, strike))
    }
    if (program.closeQueueAfter !== undefined) {
      yield* others.spawn(
        after(
          program.closeQueueAfter,
          true,
          Task.sync(() => world.queue.close())
        )
      )
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
    yield* watchers.asyncClose({ interrupt: false })
    world.checkAtEnd()
    return world
  })
}

/** What can be seen of a run from outside. */
export interface Played {
  readonly broken: ReadonlyArray<string>
  readonly log: string
  readonly schedule: string
}

const isPlanned = (cause: Cause.Cause<unknown>): boolean =>
  Cause.defects(cause).every((defect) => defect === plannedDefect) &&
  Cause.failures(cause).every(isPlannedError)

/** Runs a program's Task, which may have been run before. Rejects where it did not even come to its end. */
export async function playOnce(
  task: Task.Task<unknown, World>,
  { seed, yieldEvery }: Setting
): Promise<Played> {
  const reports: Array<Cause.Cause<unknown>> = []
  const reported = new Set<number>()
  const { exit, schedule, elapsed } = await runTest(task, {
    seed,
    yieldEvery,
    maxSteps: 100_000,
    onUnseen: (cause, fiber) => {
      reports.push(cause)
      reported.add(fiber.id)
    }
  })
  if (exit._tag === 'Left') throw new Error(`the model's own fiber failed: ${Cause.pretty(exit.left)}`)
  const { broken, log } = exit.right
  const unheard = [...exit.right.reported]
    .filter((id) => !reported.has(id))
    .map((id) => `1, 4: neither a handler nor the reporter was told of fiber ${id}`)
  const unplanned = reports
    .filter((cause) => !isPlanned(cause))
    .map((cause) => `7: reported: ${Cause.pretty(cause)}`)
  const kept = dump().includes('model') ? [`24: still in the dump: ${dump()}`] : []
  return {
    broken: [...broken, ...unheard, ...unplanned, ...kept],
    log: `${log.join('; ')}; ${reports.length} reports, ${elapsed} ms`,
    schedule
  }
}
