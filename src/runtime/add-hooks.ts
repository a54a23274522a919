/** Registers hooks for everything that runs in the process, including fibers that already run. */
import { checkFunction, expected } from '../data/check-input.js'
import { Flag, fibersIn } from './fiber-state.js'
import { eventNames, events, inContextOfNow, useHooksEverywhere } from './hook-dispatcher.js'
import type { Hooks } from './hooks.js'
import { asPublicFiber, type Handle } from './public-fiber.js'
import { openBranches, rootFibers } from './root-fibers.js'
import type { Branch } from './wait.js'

/**
 * Returns the error for `hooks` that are not an object of functions, or undefined if they are. Properties
 * that are not hooks are ignored.
 */
export function checkHooks(where: string, hooks: unknown): Error | undefined {
  if (typeof hooks !== 'object' || hooks === null) {
    return expected(where, 'an object of hooks', hooks)
  }
  for (const name of eventNames()) {
    const hook = (hooks as Hooks)[name]
    const wrong = hook === undefined ? undefined : checkFunction(where, `${name} to be a function`, hook)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

/**
 * Registers `hooks` for the fibers, groups and queues of all runtimes. Returns a function that removes them.
 *
 * First, within this call, the existing fibers and the groups that have fibers are reported, parents
 * before children. The fiber whose turn it is, if there is one, is reported as resumed. Existing
 * queues are not reported, only new ones when they are made. The hooks are called in the async context
 * of this call. Costs time linear in the number of existing fibers and groups. Throws a TypeError if
 * `hooks` is not an object of functions.
 *
 * ```ts
 * import { addHooks, runTask, Task } from 'aio-ts'
 *
 * const remove = addHooks({ fiberEnded: (fiber, exit) => console.log(`${fiber.name}: ${exit._tag}`) })
 * await runTask(Task.succeed(1), { name: 'one' }) // => one: Right
 * remove()
 * ```
 */
export function addHooks(hooks: Hooks): () => void {
  const wrong = checkHooks('addHooks', hooks)
  if (wrong !== undefined) throw wrong
  return addInternalHooks(inContextOfNow(hooks))
}

/**
 * Registers hooks of the library itself, and returns a function that removes them. They are not called in an
 * async context of their own, because entering one costs more than most of them do.
 */
export function addInternalHooks(hooks: Hooks): () => void {
  emitAll(hooks)
  return useHooksEverywhere(hooks)
}

/**
 * Reports the existing groups and fibers to `hooks`. Uses a list instead of
 * recursion, because trees may be deep.
 */
function emitAll(hooks: Hooks): void {
  const running: Array<Handle> = []
  const rest: Array<Branch> = [{ fibers: rootFibers, branches: [] }, ...openBranches]
  for (let branch = rest.pop(); branch !== undefined; branch = rest.pop()) {
    const { group } = branch
    if (group !== undefined) {
      events.groupOpened.emitTo(hooks, group)
      if (group.stage !== 'open') events.groupClosing.emitTo(hooks, group)
    }
    for (const record of fibersIn(branch)) {
      const fiber = asPublicFiber(record)
      events.fiberStarted.emitTo(hooks, fiber)
      if (fiber.waiting !== undefined) events.fiberSuspended.emitTo(hooks, fiber)
      else if ((fiber.flags & Flag.Running) !== 0) running.push(fiber)
      if (fiber.branch !== undefined) rest.push(fiber.branch)
    }
    for (const below of branch.branches) rest.push(below)
  }
  // A turn within another, by `runSync`, belongs to a fiber that was created in
  // the outer turn: hence the order.
  for (const fiber of running.sort((one, other) => one.id - other.id))
    events.fiberResumed.emitTo(hooks, fiber)
}
