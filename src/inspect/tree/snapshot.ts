/**
 * The tree at one moment. It is built on request from the events that `addHooks` replays, and not kept up to
 * date: a program that nobody inspects pays nothing, and no ended fiber or closed group is retained.
 *
 * Most fibers have nothing below them. Only for those that have, and for groups, something is made here.
 */
import { addInternalHooks } from '../../runtime/add-hooks.js'
import type { LiveFiber, LiveGroup } from '../../runtime/hooks.js'
import type { FiberActivity } from '../protocol.js'

/** What fibers and groups are parts of. */
export class TreeNode {
  readonly fibers: Array<Seen> = []
  readonly groups: Array<LiveGroup> = []
  /** How many fibers there are in it, at whatever depth. */
  below = 0

  constructor(
    /** Undefined for the top. */
    readonly owner: LiveFiber | LiveGroup | undefined,
    readonly above: TreeNode | undefined
  ) {}
}

export const isGroup = (one: object): one is LiveGroup => 'stage' in one

/**
 * A fiber at the time of the snapshot. Its fields are read once, since a search visits all fibers several
 * times.
 */
export class Seen {
  readonly id: number
  readonly name: string | undefined
  readonly state: FiberActivity
  /** What it waits for. */
  readonly on: string | undefined

  constructor(readonly fiber: LiveFiber) {
    this.id = fiber.id
    this.name = fiber.name
    const status = fiber.status()
    this.state = status._tag === 'Waiting' ? 'waiting' : status._tag === 'Running' ? 'running' : 'ready'
    this.on = status._tag === 'Waiting' ? status.on : undefined
  }
}

export class Snapshot {
  readonly top: TreeNode = new TreeNode(undefined, undefined)
  /** All there are; those above before those below. */
  readonly places: Array<TreeNode> = [this.top]
  readonly states: Readonly<Record<FiberActivity, number>>
  groupCount = 0
  private readonly byOwner: Map<object, TreeNode> = new Map()

  /** Now. Costs time linear in what there is: about a tenth of a microsecond a fiber. */
  constructor() {
    const states: Record<FiberActivity, number> = { running: 0, ready: 0, waiting: 0 }
    // The next one is mostly part of what the last one was part of.
    let parent: LiveFiber | LiveGroup | undefined
    let place = this.top
    // What a getter throws is rethrown to the caller of the snapshot, and not sent to the program's reporter
    // as errors of hooks are.
    let failure: { readonly thrown: unknown } | undefined
    const careful =
      <A>(look: (one: A) => void) =>
      (one: A): void => {
        try {
          look(one)
        } catch (thrown) {
          failure ??= { thrown }
        }
      }
    addInternalHooks({
      groupOpened: careful((group) => {
        this.groupCount++
        this.placeOf(group.parent).groups.push(group)
        this.make(group)
      }),
      fiberStarted: careful((fiber) => {
        if (fiber.parent !== parent) {
          parent = fiber.parent
          place = this.placeOf(parent)
        }
        const seen = new Seen(fiber)
        place.fibers.push(seen)
        states[seen.state]++
      })
    })()
    if (failure !== undefined) throw failure.thrown
    this.states = states
    for (let index = this.places.length - 1; index >= 0; index--) {
      const made = this.places[index]
      if (made === undefined) continue
      made.below += made.fibers.length
      if (made.above !== undefined) made.above.below += made.below
    }
  }

  get fiberCount(): number {
    return this.top.below
  }

  /** Whether there is anything below a fiber. */
  get hasFibersInFibers(): boolean {
    return this.byOwner.size > this.groupCount
  }

  /** What is below it; undefined where nothing can be. */
  below(one: Seen | LiveGroup): TreeNode | undefined {
    return this.byOwner.get(one instanceof Seen ? one.fiber : one)
  }

  private placeOf(parent: LiveFiber | LiveGroup | undefined): TreeNode {
    if (parent === undefined) return this.top
    // Fibers and groups are replayed before their descendants.
    return this.byOwner.get(parent) ?? this.make(parent)
  }

  private make(owner: LiveFiber | LiveGroup): TreeNode {
    const above = owner.parent === undefined ? this.top : (this.byOwner.get(owner.parent) ?? this.top)
    const place = new TreeNode(owner, above)
    this.places.push(place)
    this.byOwner.set(owner, place)
    return place
  }
}
