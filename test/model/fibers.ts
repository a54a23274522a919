/** Steps that start fibers, wait for them and close what they are in. */
import { type Fiber, type Group, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { inContext } from './contexts.js'
import type { Owner } from './owner.js'
import type { Body, Close, Step } from './program.js'
import { bringsAlong, joined, unlessClosed, type Work } from './regions.js'
import { walk } from './walk.js'
import { isOver, plannedDefect, type Walker, type World } from './world.js'

const optionsOf = (how: Close) =>
  how === 'now' ? {} : how === 'patiently' ? { interrupt: false } : { graceMs: 2 }

interface Member {
  readonly owner: Owner
  readonly walker: Walker
  readonly work: Work
}

/** A fiber of its own in `group`: it runs while that is not closed, and is not interrupted before that is closing. */
function member(
  world: World,
  by: Walker,
  body: Body,
  group: () => Group<never>,
  context: (owner: Owner) => string = () => by.context
): Member {
  const owner = world.newOwner()
  const walker = world.walker(by.topLevel, owner, context(owner))
  const steps = walk(world, walker, body)
  const work = pipe(
    Task.suspend(() => {
      world.must(!group().isClosed, `12: ${owner.id} runs in a closed group`)
      return steps
    }),
    Task.onInterrupt(
      Task.sync(() =>
        world.must(
          group().isClosing || owner.isSelfInterrupted,
          `10: ${owner.id} was interrupted before its group was closing`
        )
      )
    )
  )
  return { owner, walker, work }
}

type Members = ReadonlyArray<readonly [Fiber<unknown, unknown>, Owner]>

/** All who are in the group are asked to end, here and now. */
function closeNow(group: Group<never>, members: Members): void {
  for (const [fiber, owner] of members) if (!isOver(fiber)) owner.strikes++
  group.close()
}

export function spawn(world: World, by: Walker, step: Extract<Step, { readonly step: 'spawn' }>): Work {
  return Task.suspend(() => {
    const ownContext = ({ id }: Owner): string => (step.nowait ? `of spawned ${id}` : by.context)
    const { owner, walker, work } = member(world, by, step.body, () => world.shared, ownContext)
    const options = { name: `model spawned ${owner.id}` }
    const taken = (fiber: Fiber<unknown, unknown>): void => {
      world.started(fiber, owner)
      world.inShared.push([fiber, owner])
    }
    const wasClosing = world.shared.isClosing
    if (step.nowait) {
      const fiber = inContext(walker.context, () => world.shared.spawnNowait(work, options))
      world.must(
        (fiber._tag === 'Left') === wasClosing,
        '12: spawnNowait in a closing group, or refused in an open one'
      )
      if (fiber._tag === 'Right') taken(fiber.right)
      return Task.unit
    }
    return unlessClosed(
      pipe(
        world.shared.spawn(work, options),
        Task.map((fiber) => {
          world.must(!wasClosing, '12: spawned in a closing group')
          taken(fiber)
        })
      )
    )
  })
}

export function inGroup(world: World, by: Walker, step: Extract<Step, { readonly step: 'withGroup' }>): Work {
  return Task.suspend(() => {
    let inner: Group<unknown> | undefined
    /** Of the members and, last, of the body, which is no fiber of the group's: it may outlast what the group releases. */
    const alive = new Set<Walker>()
    let body: Walker | undefined
    const keeper = world.below(by)
    const counted = (walker: Walker, work: Work): Work =>
      Task.bracket(
        Task.sync(() => {
          alive.add(walker)
          walker.owner.begin()
        }),
        () => work,
        (_, exit) =>
          Task.sync(() => {
            alive.delete(walker)
            bringsAlong(walker, exit)
          })
      )
    const acquire = (group: Group<unknown>) =>
      group.acquire(
        Task.sync(() => world.acquire(keeper)),
        (id) =>
          Task.suspend(() => {
            const others = [...alive].filter((walker) => walker !== body)
            world.must(others.length === 0, `8: a group released with ${others.length} fibers alive`)
            world.release(keeper, id)
            return id % 3 === 0 ? Task.die(plannedDefect) : Task.unit
          })
      )
    return pipe(
      joined(world, by, 'withGroup', () =>
        Task.withGroup(
          (group: Group<unknown>): Work =>
            Task.gen(function* () {
              inner = group
              for (let count = 0; count < step.acquires; count++) yield* acquire(group)
              for (const body of step.members) {
                const walker = world.below(by)
                yield* group.spawn(counted(walker, walk(world, walker, body)))
              }
              body = world.below(by)
              yield* counted(body, walk(world, body, step.body))
            }),
          { whenDone: step.wait ? 'wait' : 'interrupt' }
        )
      ),
      Task.onExit(() =>
        Task.sync(() => {
          world.must(alive.size === 0, `3: withGroup came back with ${alive.size} alive`)
          world.must(
            inner === undefined || (inner.isClosed && inner.size === 0),
            '11: withGroup left its group'
          )
          world.must(keeper.held.length === 0, `8: withGroup left ${keeper.held.length} unreleased`)
        })
      )
    )
  })
}

export function inSubgroup(
  world: World,
  by: Walker,
  step: Extract<Step, { readonly step: 'subgroup' }>
): Work {
  return Task.suspend(() => {
    const name = world.newName()
    return unlessClosed(
      pipe(
        world.shared.createSubgroup({ name }),
        Task.flatMap((group) =>
          Task.gen(function* () {
            world.seen(group, name)
            const members: Array<Members[number]> = []
            for (const body of step.members) {
              const { owner, work } = member(world, by, body, () => group)
              const fiber = yield* group.spawn(work, { name: `model member ${owner.id}` })
              world.started(fiber, owner)
              members.push([fiber, owner])
            }
            if (step.how === 'now') closeNow(group, members)
            yield* group.asyncClose(optionsOf(step.how))
            world.seen(group, name)
            world.must(
              group.isClosed && group.size === 0,
              `9, 11: asyncClose() came back before ${name} was closed`
            )
            for (const [fiber, owner] of members)
              world.must(isOver(fiber), `11: ${owner.id} outlived ${name}`)
            world.closedNames.push(name)
          })
        )
      )
    )
  })
}

export function join(world: World, by: Walker, step: Extract<Step, { readonly step: 'join' }>): Work {
  return Task.suspend(() => {
    if (step.below >= by.topLevel) return Task.unit
    const target = world.fibers[step.below]
    if (target === undefined) return Task.unit
    return step.interrupt ? stop(world, step.below) : pipe(target.wait(), Task.asUnit)
  })
}

/** Interrupts a fiber and waits for its end. */
export function stop(world: World, index: number): Work {
  return Task.suspend(() => {
    // When it is asked, and whether at all, is not known before it has ended: whoever asks may be stopped himself.
    const fiber = world.fibers[index]
    const owner = fiber && world.owners.get(fiber)
    if (fiber === undefined || owner === undefined) return Task.unit
    owner.isBeingStopped = true
    return pipe(
      fiber.interrupt(),
      Task.map(() => {
        const { open } = owner
        world.must(isOver(fiber) && open === 0, `3: interrupt() came back with ${open} finalizers to run`)
      })
    )
  })
}

export function closeShared(world: World, step: Extract<Step, { readonly step: 'closeShared' }>): Work {
  const { shared } = world
  const options = optionsOf(step.how)
  return Task.suspend(() => {
    if (step.how === 'now') closeNow(shared, world.inShared)
    if (!step.wait) {
      shared.close(options)
      world.must(shared.isClosing, '10: close() came back before closing')
      world.look()
      return Task.unit
    }
    let isCounted = false
    return pipe(
      Task.suspend(() => {
        isCounted = true
        world.closers++
        return shared.asyncClose(options)
      }),
      Task.map(() => {
        world.must(shared.isClosed, '3: asyncClose() came back before closed')
        for (const [fiber, owner] of world.inShared)
          world.must(isOver(fiber), `11: ${owner.id} outlived its group`)
        world.look()
      }),
      Task.onExit(() =>
        Task.sync(() => {
          if (isCounted) world.closers--
        })
      )
    )
  })
}
