/**
 * Every public operation, interrupted at every step: it ends, what was acquired is released, nothing is left behind.
 *
 * The names are read from the exports, so that a later operation without a program here fails a test.
 */
import * as core from 'aio-ts'
import { afterAll, describe, expect, test } from 'vitest'
import * as classes from './classes.js'
import { type Sweep, sweepOperation } from './operation.js'
import { tasks } from './tasks.js'

type Table = { readonly [K in string | symbol]: Sweep }

/** What stands on a class itself and is no operation: every class has these. */
const ofEveryClass = ['length', 'name', 'prototype', 'constructor']

/** By what an object is shown; runs nothing. */
const shows = new Set<string | symbol>(['toString', 'toJSON', Symbol.for('nodejs.util.inspect.custom')])

/** The methods of a class, its own ones but `make` among them. A getter runs nothing. */
const methodsOf = (
  prototype: object,
  internals: ReadonlyArray<string> = []
): ReadonlyArray<string | symbol> =>
  Reflect.ownKeys(prototype).filter((name) => {
    const { value } = Object.getOwnPropertyDescriptor(prototype, name) ?? {}
    const isMethod = typeof value === 'function' && name !== 'constructor' && !shows.has(name)
    return isMethod && !internals.includes(String(name))
  })

const staticsOf = (maker: object, internals: ReadonlyArray<string> = []): ReadonlyArray<string> =>
  Object.getOwnPropertyNames(maker).filter(
    (name) => !ofEveryClass.includes(name) && !internals.includes(name)
  )

const rooms: ReadonlyArray<readonly [string, ReadonlyArray<string | symbol>, Table]> = [
  ['Task', Object.keys(core.Task), tasks],
  ['Queue', methodsOf(core.Queue.prototype, classes.queueInternals), classes.queueMethods],
  ['Group', methodsOf(core.Group.prototype), classes.groupMethods],
  ['Resource', methodsOf(core.Resource.prototype), classes.resourceMethods],
  ['Deferred', methodsOf(core.Deferred.prototype, classes.deferredInternals), classes.deferredMethods],
  ['Semaphore', methodsOf(core.Semaphore.prototype, classes.semaphoreInternals), classes.semaphoreMethods],
  ['Latch', methodsOf(core.Latch.prototype, classes.latchInternals), classes.latchMethods],
  ['FiberLocal', ['get', ...methodsOf(core.FiberLocal.prototype)], classes.fiberLocalMethods],
  ['Fiber', Object.keys(classes.fiberMethods), classes.fiberMethods],
  ["hat.aio's functions", Object.keys(core).filter((name) => /^(call|first)/.test(name)), classes.functions]
]

const seeds = [0, 1]
let steps = 0
let operations = 0

afterAll(() => {
  console.log(`${operations} operations interrupted at each of ${steps} steps, in ${seeds.length} orders.`)
})

/** What is exported and nobody has sorted in yet: neither swept, nor known to run nothing. */
test('every export of the core is known here', () => {
  const swept = ['Task', 'Queue', 'Group', 'Resource', 'Deferred', 'Semaphore', 'Latch', 'FiberLocal']
  const functions = Object.keys(classes.functions)
  // Data, errors, and what stands outside of every fiber.
  const others =
    /^(Cause|Exit|Schedule|addHooks|deadlocks|dump|makeRuntime|run(Fork|Sync|Task|TaskExit)|(Group|Queue)(Closed|Empty|Full)Error|InterruptedError|TimeoutError)$/
  const unknown = Object.keys(core).filter(
    (name) => ![...swept, ...functions].includes(name) && !others.test(name)
  )
  expect(unknown).toEqual([])
})

test('a class is made only by `make`, which is swept with the other operations', () => {
  const { queueInternals, deferredInternals, semaphoreInternals, latchInternals } = classes
  const internals = [...queueInternals, ...deferredInternals, ...semaphoreInternals, ...latchInternals]
  const makers = [core.Queue, core.Group, core.Deferred, core.Semaphore, core.Latch, core.FiberLocal]
  for (const maker of makers)
    expect([maker.name, staticsOf(maker, internals)]).toEqual([maker.name, ['make']])
})

test.each(rooms)('every operation of %s has a program', (_room, names, table) => {
  const known = Reflect.ownKeys(table)
  expect([...names].map(String).sort()).toEqual(known.map(String).sort())
})

describe.each(rooms)('%s', (_room, _names, table) => {
  test.each(Reflect.ownKeys(table).map((name) => [String(name), table[name] as Sweep] as const))(
    '%s',
    async (_name, sweep) => {
      for (const seed of seeds) {
        const count = await sweepOperation(sweep, seed)
        expect(count).toBeGreaterThan(4)
        steps += count
      }
      operations++
    }
  )
})
