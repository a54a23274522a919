/** Selects which part of the tree is shown: what matches the search, and its ancestors. */
import type { LiveGroup } from '../../runtime/hooks.js'
import type { View } from '../protocol.js'
import type { Seen, Snapshot, TreeNode } from './snapshot.js'

/** The children of a node that are shown. */
export interface ShownNodes {
  readonly fibers: ReadonlyArray<Seen>
  readonly groups: ReadonlyArray<LiveGroup>
}

export type Filter = (place: TreeNode) => ShownNodes

const everything: Filter = (place) => place

const noFilter: ShownNodes = { fibers: [], groups: [] }

/** Whether `text` contains `wanted`, ignoring case. `wanted` must be in lower case. */
const holds = (text: string | undefined, wanted: string): boolean =>
  text?.toLowerCase().includes(wanted) === true

/** `#12` and `12` match the id. */
const isCalled = (id: number, name: string | undefined, wanted: string): boolean =>
  holds(name, wanted) || `#${id}`.includes(wanted)

export function filterOf(snapshot: Snapshot, { search, states }: View): Filter {
  const wanted = search.trim().toLowerCase()
  if (wanted === '' && states.length === 0) return everything
  const isFiberFound = ({ id, name, state, on }: Seen): boolean =>
    (states.length === 0 || states.includes(state)) &&
    (wanted === '' || isCalled(id, name, wanted) || holds(on, wanted))
  // A group has none of the states of a fiber, so with `states` it is only shown as an ancestor.
  const isGroupFound = ({ id, name }: LiveGroup): boolean => states.length === 0 && isCalled(id, name, wanted)
  const shown = new Map<TreeNode, ShownNodes>()
  const hasShown = (owner: Seen | LiveGroup): boolean => {
    const place = snapshot.below(owner)
    return place !== undefined && shown.has(place)
  }
  // Bottom-up, so that descendants are decided before their ancestors.
  for (let index = snapshot.places.length - 1; index >= 0; index--) {
    const place = snapshot.places[index]
    if (place === undefined) continue
    const fibers = place.fibers.filter((fiber) => isFiberFound(fiber) || hasShown(fiber))
    const groups = place.groups.filter((group) => isGroupFound(group) || hasShown(group))
    if (fibers.length + groups.length > 0) shown.set(place, { fibers, groups })
  }
  return (place) => shown.get(place) ?? noFilter
}
