/**
 * The tree of running fibers as text. No state is kept for it: root fibers and groups with members are in two
 * lists, and the rest is found from there, because a fiber that waits for its own fibers references them.
 */
import { describeValue } from '../../data/check-input.js'
import { type FiberState, fibersIn } from '../fiber-state.js'
import { asPublicFiber, type Handle } from '../public-fiber.js'
import { openBranches, rootFibers } from '../root-fibers.js'
import type { Branch } from '../wait.js'
import { describeWaitCycle, findWaitCycles } from './wait-cycles.js'

const age = (ms: number): string => (ms < 1000 ? `${Math.round(ms)}ms` : `${(ms / 1000).toFixed(1)}s`)

const state = (fiber: Handle): string => {
  const status = fiber.status()
  if (status._tag !== 'Waiting') return status._tag.toLowerCase()
  const [, waker] = wakers.find(([start]) => status.on.startsWith(start)) ?? []
  return `waits for ${status.on}${waker === undefined ? '' : ` (${waker})`}`
}

/**
 * What could wake a fiber, by the first words of what it waits for. Only for waits where neither these
 * words nor the lines below say it.
 */
const wakers: ReadonlyArray<readonly [start: string, waker: string | undefined]> = [
  ['Queue.get', 'until a put or a close'],
  ['Queue.put', 'until a get or a close'],
  ['Deferred.wait', 'until somebody completes it'],
  ['Latch.wait', 'until somebody opens it'],
  ['Semaphore.withPermits', 'until permits are given back'],
  ['Group.waitClosing', 'until somebody closes it'],
  ['Group.waitClosed', 'until it is closed and all in it has ended'],
  ['async', 'until its callback is called'],
  ['promise (', undefined],
  ['promise', 'until it settles'],
  ['never', 'until somebody interrupts it']
]

type Part = { readonly fiber: FiberState } | { readonly branch: Branch }

/** Returns the line for a part of the tree, and the parts below it, in order. */
function dumpLineOf(part: Part): { readonly line: string | undefined; readonly below: ReadonlyArray<Part> } {
  if ('fiber' in part) {
    const fiber = asPublicFiber(part.fiber)
    const path = fiber.path.map((name) => `, in ${name}`).join('')
    const line = `fiber ${fiber.title}  ${age(fiber.began < 0 ? 0 : fiber.runtime.now() - fiber.began)}  ${state(fiber)}${path}`
    const { branch } = fiber
    return { line, below: branch === undefined ? [] : [{ branch }] }
  }
  const { title, branches } = part.branch
  const below = [
    ...fibersIn(part.branch).map((fiber) => ({ fiber })),
    ...Array.from(branches, (branch) => ({ branch }))
  ]
  return { line: title, below }
}

/** Returns the lines of a dump. Each is followed by the lines below it. */
export function describeTree(): string {
  const lines: Array<string> = []
  /** The parts that remain, the next one last. A list instead of recursion, because trees may be deep. */
  const rest: Array<{ readonly part: Part; readonly depth: number }> = []
  const add = (parts: ReadonlyArray<Part>, depth: number): void => {
    for (let index = parts.length - 1; index >= 0; index--) {
      const part = parts[index]
      if (part !== undefined) rest.push({ part, depth })
    }
  }
  try {
    add(
      [
        ...fibersIn({ fibers: rootFibers }).map((fiber) => ({ fiber })),
        ...Array.from(openBranches, (branch) => ({ branch }))
      ],
      0
    )
    for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
      const { line, below } = dumpLineOf(next.part)
      // Deeper indentation adds no information, and would make the text quadratic.
      if (line !== undefined) lines.push('  '.repeat(Math.min(next.depth, 50)) + line)
      add(below, line === undefined ? next.depth : next.depth + 1)
    }
  } catch (thrown) {
    // A clock of the user may throw. What was found so far is worth more than the exception.
    lines.push(`(the dump ends here: ${describeValue(thrown)})`)
  }
  return lines.length === 0 ? 'no fiber is running' : lines.join('\n')
}

/**
 * Returns the tree of groups and fibers that have not ended, as text for humans: name, id, age (since the
 * fiber first waited or yielded), state, what each waits for and what could wake it; then the cycles in which
 * fibers wait for each other, if there are any. Costs nothing until it is called, then time and text linear
 * in the number of groups and fibers.
 */
export function dump(): string {
  return [describeTree(), ...findWaitCycles().map((circle) => describeWaitCycle(circle))].join('\n')
}
