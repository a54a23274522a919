/**
 * Wrong input to every export of the package: each input of each function is made wrong in several ways. The call either succeeds, or
 * its error names the function and says what was expected.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isTask } from '../../src/core/node.js'
import { Anything, type Calling } from './wrong-input/calling.js'
import { collect } from './wrong-input/collect.js'
import { core } from './wrong-input/of-core.js'
import { also, edges } from './wrong-input/of-edges.js'
import { describing } from './wrong-input/of-task.js'
import { outcomeOf } from './wrong-input/outcome.js'

interface Wrong {
  readonly name: string
  readonly make: () => unknown
}

const wrongs: ReadonlyArray<Wrong> = [
  { name: 'undefined', make: () => undefined },
  { name: 'null', make: () => null },
  { name: 'NaN', make: () => Number.NaN },
  { name: "''", make: () => '' },
  { name: '{}', make: () => ({}) },
  { name: 'a promise', make: () => Promise.resolve(1) },
  { name: 'a wrong function', make: () => () => 'wrong' }
]

const exported = await collect()
const called = new Map([...exported, ...Object.entries(also).map(([path, { of }]) => [path, of()] as const)])
const callings = new Map(Object.entries({ ...describing, ...core, ...edges, ...also }))

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** What cannot be taken for what it stands in for: to go on with it would be to hide the mistake. */
function isOfAnotherKind(right: unknown, wrong: unknown): boolean {
  if (right instanceof Anything) return false
  if (typeof right === 'number') return typeof wrong !== 'number' || Number.isNaN(wrong)
  if (typeof right === 'function') return typeof wrong !== 'function'
  return isTask(right)
}

interface Broken {
  readonly what: string
  readonly make: () => unknown
  /** Whether an error must come of it. */
  readonly isRefused: boolean
}

/** `right` with each of its parts made wrong in turn: itself, and what stands in it, where it is an array or a record of options. */
function* brokenForms(right: unknown, where: string): Generator<Broken> {
  for (const { name, make } of wrongs) {
    // What is left out may have a default.
    const isRefused = name !== 'undefined' && isOfAnotherKind(right, make())
    yield { what: `${where} is ${name}`, make, isRefused }
    if (Array.isArray(right))
      yield {
        what: `${where}[0] is ${name}`,
        make: () => [make(), ...right.slice(1)],
        isRefused: isOfAnotherKind(right[0], make())
      }
    if (isPlain(right))
      for (const key of Object.keys(right))
        yield {
          what: `${where}.${key} is ${name}`,
          make: () => ({ ...right, [key]: make() }),
          isRefused: name !== 'undefined' && isOfAnotherKind(right[key], make())
        }
  }
}

const plainOf = (input: unknown): unknown => {
  if (input instanceof Anything) return input.value
  if (Array.isArray(input)) return input.map(plainOf)
  return isPlain(input)
    ? Object.fromEntries(Object.entries(input).map(([key, value]) => [key, plainOf(value)]))
    : input
}

/** Calls it as `calling` says, but for the input `place` of stage `stage`, which is `wrong`. */
function callWith(
  path: string,
  calling: Calling,
  stage: number,
  place: number,
  wrong: () => unknown
): unknown {
  const target = calling.on?.()
  const found =
    target === undefined ? called.get(path) : Reflect.get(target as object, path.split('#')[1] ?? '')
  let next: unknown = found
  for (const [index, inputs] of calling.stages.entries()) {
    const args = inputs().map(plainOf)
    if (index === stage) args[place] = plainOf(wrong())
    // A call that has given something else than a function has had its say.
    if (typeof next !== 'function') return next
    const isConstructed = index === 0 && /^class\b/.test(String(next))
    next = isConstructed ? Reflect.construct(next, args) : Reflect.apply(next, target, args)
  }
  return calling.then === undefined ? next : calling.then(next)
}

const lastName = (path: string): string => path.split(/[ .#]/).at(-1) ?? path

describe('wrong input', () => {
  const unhandled: Array<unknown> = []
  const note = (reason: unknown) => void unhandled.push(reason)
  beforeAll(() => {
    process.on('unhandledRejection', note)
  })
  afterAll(() => {
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  it('is tried on every export', () => {
    expect([...exported.keys()].filter((path) => !callings.has(path))).toEqual([])
    expect([...callings.keys()].filter((path) => !called.has(path))).toEqual([])
  })

  it.each([...callings])('%s', async (path, calling) => {
    const name = calling.name ?? new RegExp(`\\b${lastName(path)}\\b`)
    const faults: Array<string> = []
    for (const [stage, inputs] of calling.stages.entries()) {
      for (const [place, right] of inputs().entries()) {
        for (const { what, make, isRefused } of brokenForms(right, `input ${stage + 1}.${place + 1}`)) {
          const found = await outcomeOf(() => callWith(path, calling, stage, place, make), name)
          if (found.isFine && isRefused) faults.push(`${what}: is not refused`)
          faults.push(...found.faults.map((fault) => `${what}: ${fault}`))
        }
      }
    }
    expect(faults).toEqual([])
  })
})
