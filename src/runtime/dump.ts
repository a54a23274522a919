/**
 * The tree of what runs, in words. Nothing is kept for it: roots and groups with members stand in two lists, and the rest is found
 * from there, since who waits for fibers of its own knows them.
 */
import { show } from '../data/show.js'
import type { Owner } from './fiber-state.js'
import { FiberList, type FiberState } from './fiber-state.js'
import type { Branch, Parkable } from './wait.js'

/** Fibers that the program's edge started and that have not ended. */
export const roots: FiberList = /* @__PURE__ */ new FiberList()

/** Groups that belong to no other and have something in them, in order of their making. */
export const openBranches: Set<Branch> = /* @__PURE__ */ new Set()

/** Who starts a fiber at the program's edge: `ended` hears how it went. */
export class Root implements Owner {
  readonly above = undefined

  constructor(private readonly onEnd: (exit: NonNullable<FiberState['result']>, fiber: FiberState) => void) {}

  ended(fiber: FiberState, exit: NonNullable<FiberState['result']>): void {
    roots.remove(fiber)
    this.onEnd(exit, fiber)
  }
}

const age = (ms: number): string => (ms < 1000 ? `${Math.round(ms)}ms` : `${(ms / 1000).toFixed(1)}s`)

const state = (fiber: Parkable): string => {
  const status = fiber.status()
  return status._tag === 'Waiting' ? `waits for ${status.on}` : status._tag.toLowerCase()
}

function* linesOfFiber(fiber: Parkable, indent: string): Generator<string, void, undefined> {
  const path = fiber.path.map((name) => `, in ${name}`).join('')
  yield `${indent}fiber ${fiber.title}  ${age(fiber.now() - fiber.began)}  ${state(fiber)}${path}`
  const branch = fiber.waiting?.branch
  if (branch !== undefined) yield* linesOfBranch(branch, `${indent}  `)
}

function* linesOfBranch(branch: Branch, indent: string): Generator<string, void, undefined> {
  const inner = branch.title === undefined ? indent : `${indent}  `
  if (branch.title !== undefined) yield `${indent}${branch.title}`
  for (const fiber of branch.fibers) yield* linesOfFiber(fiber, inner)
  for (const below of branch.branches) yield* linesOfBranch(below, inner)
}

/**
 * The tree of groups and fibers that have not ended, for a person: name, id, age, state, what each waits for. Costs nothing until
 * it is called, then time and text linear in their number.
 */
export function dump(): string {
  const lines: Array<string> = []
  try {
    for (const fiber of roots) lines.push(...linesOfFiber(fiber, ''))
    for (const branch of openBranches) lines.push(...linesOfBranch(branch, ''))
  } catch (thrown) {
    // A clock of the user's may throw; what was found so far is worth more than the exception.
    lines.push(`(the dump ends here: ${show(thrown)})`)
  }
  return lines.length === 0 ? 'no fiber is running' : lines.join('\n')
}
