/** Tracks what the fibers of a run have acquired for groups, and what of it has not been released. */

import type { Acquired } from '../../concurrency/observe-acquisitions.js'
import { nodeOf, Op } from '../../core/node.js'
import { describeValue } from '../../data/check-input.js'
import { type FibersById, titleOf } from './run-fiber.js'

/** Resources that were released are dropped from the list when it has grown to this size. */
const fewestResources = 64

/** How many held resources are listed one by one. */
const mostListed = 10

export class Resources {
  private acquired: Array<Acquired> = []
  private most = fewestResources

  add(acquired: Acquired): void {
    this.acquired.push(acquired)
    if (this.acquired.length <= this.most) return
    this.acquired = [...this.held]
    this.most = fewestResources + 2 * this.acquired.length
  }

  /** The resources that have not been released, in the order of acquisition. */
  get held(): ReadonlyArray<Acquired> {
    return this.acquired.filter(({ scope }) => scope.isHolding)
  }
}

/**
 * `open the database (a Connection)`: the name of the Task that acquired the resource, if it has one, and its
 * value.
 */
function holderNameOf({ acquire, resource }: Acquired): string {
  const { taskOp, b } = nodeOf(acquire)
  return taskOp === Op.Named ? `${b} (${describeValue(resource)})` : describeValue(resource)
}

function describeResource(held: Acquired, fibersById: FibersById): string {
  const { scope, fiber, path } = held
  const runFiber = fibersById.get(fiber.id)
  const acquirer = runFiber === undefined ? `#${fiber.id}` : titleOf(runFiber)
  return `  ${[`${scope.title} holds ${holderNameOf(held)}, acquired by ${acquirer}`, ...path].join(', in ')}`
}

/** Formats which group holds which resource, which fiber acquired it, and how to fix the leak. */
export function describeHeld(held: ReadonlyArray<Acquired>, fibersById: FibersById): string {
  const more = held.length - mostListed
  return [
    ...held.slice(0, mostListed).map((acquired) => describeResource(acquired, fibersById)),
    ...(more > 0 ? [`  ... ${more} more`] : []),
    '  A group releases what it has acquired when it is closed: close it (asyncClose) or make it by Task.withGroup'
  ].join('\n')
}
