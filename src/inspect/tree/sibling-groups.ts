/**
 * Groups siblings that are alike. Ten thousand rows that all say `handler, waits for sleep 512ms` are not
 * readable: more than a few fibers of one kind become one row, which shows their number and can be opened.
 * Digits in names and in what fibers wait for are ignored, since such fibers differ only in numbers.
 */
import { truncate } from '../collect/truncate.js'
import type { FiberActivity } from '../protocol.js'
import type { Seen } from './snapshot.js'

/** Up to this many fibers of one kind keep their own rows. */
const mostAlone = 20

/** Number of characters of a name that are compared. */
const mostLetters = 200

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/**
 * Hashes a text so that texts that differ only in their numbers have the same hash, and hardly any others do.
 * Called for each of fifty thousand siblings, so it allocates no strings.
 */
function siblingKindOf(text: string | undefined, seed: number): number {
  if (text === undefined) return seed
  let low = seed | 0
  let high = Math.floor(seed / 2 ** 32) | 0
  const length = Math.min(text.length, mostLetters)
  let wasDigit = false
  for (let index = 0; index < length; index++) {
    let code = text.charCodeAt(index)
    if (isDigit(code)) {
      if (wasDigit) continue
      wasDigit = true
      code = 48
    } else wasDigit = false
    // FNV-1a, twice: 32 bits are not enough for thousands of kinds among the siblings.
    low = Math.imul(low ^ code, 16_777_619)
    high = Math.imul(high ^ code, 0x5bd1e995)
  }
  return (low >>> 0) + ((high >>> 11) & 0x1fffff) * 2 ** 32
}

const stateSeeds: Readonly<Record<FiberActivity, number>> = { running: 11, ready: 12, waiting: 13 }

const starred = (text: string): string => text.replace(/\d+/g, '*')

export class SiblingGroup {
  readonly members: Array<Seen> = []
  private isOneName = true
  private isOneWait = true

  constructor(
    readonly state: FiberActivity,
    private readonly firstName: string | undefined,
    private readonly firstWait: string | undefined,
    private readonly kind: number
  ) {}

  add(fiber: Seen, name: string | undefined, wait: string | undefined): void {
    this.members.push(fiber)
    if (name !== this.firstName) this.isOneName = false
    if (wait !== this.firstWait) this.isOneWait = false
  }

  /** A key that is unique among the siblings, and the same for groups that look the same. */
  get key(): string {
    return `b${this.kind.toString(36)}`
  }

  /** The name of the members. If they differ, each number is replaced by *. */
  get name(): string | undefined {
    return common(this.firstName, this.isOneName)
  }

  get on(): string | undefined {
    return common(this.firstWait, this.isOneWait)
  }
}

function common(first: string | undefined, isOne: boolean): string | undefined {
  const text = first === undefined ? undefined : truncate(first, mostLetters)
  return isOne ? text : text && starred(text)
}

export interface Bunched {
  /** Sorted by name, then by what the members wait for. */
  readonly bunches: ReadonlyArray<SiblingGroup>
  /** In the order of creation. */
  readonly others: ReadonlyArray<Seen>
}

/** Splits `fibers` into groups of alike ones and the others. */
export function groupSiblings(fibers: ReadonlyArray<Seen>): Bunched {
  if (fibers.length <= mostAlone) return { bunches: [], others: fibers }
  const byKind = new Map<number, SiblingGroup>()
  let last: SiblingGroup | undefined
  let lastName: string | undefined
  let lastWait: string | undefined
  for (const fiber of fibers) {
    const { name, state, on: wait } = fiber
    if (last === undefined || wait !== lastWait || name !== lastName || state !== last.state) {
      const kind = siblingKindOf(wait, siblingKindOf(name, stateSeeds[state]) * 2)
      last = byKind.get(kind)
      if (last === undefined) {
        last = new SiblingGroup(state, name, wait, kind)
        byKind.set(kind, last)
      }
      lastName = name
      lastWait = wait
    }
    last.add(fiber, name, wait)
  }
  const bunches: Array<SiblingGroup> = []
  const others: Array<Seen> = []
  for (const found of byKind.values()) {
    if (found.members.length > mostAlone) bunches.push(found)
    else for (const fiber of found.members) others.push(fiber)
  }
  return { bunches: bunches.sort(byWords), others: others.sort(siblingsById) }
}

const siblingsById = (left: Seen, right: Seen): number => left.id - right.id

const compare = (left: string | undefined, right: string | undefined): number =>
  left === right ? 0 : (left ?? '') < (right ?? '') ? -1 : 1

const byWords = (left: SiblingGroup, right: SiblingGroup): number =>
  compare(left.name, right.name) || compare(left.on, right.on) || compare(left.state, right.state)
