/**
 * Random small programs over everything that waits, with interruption at random steps and in the turn of a hand-off. Whatever
 * happens, the books must balance. On a failure fast-check prints the seed and the smallest program that it could find.
 */
import { Deferred, dump, Latch, Queue, Semaphore, Task } from 'aio-ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runVirtual } from '../support/kit.js'
import { expectSuccessAmongReports } from './modes.js'
import { type Setting, setting } from './program.js'
import { describeReports, play } from './walk.js'
import { World } from './world.js'

async function obeys({ program, seed, yieldEvery }: Setting): Promise<void> {
  const makeWorld = Task.gen(function* () {
    return new World(
      program,
      yield* Queue.make<number>(program.maxsize),
      yield* Semaphore.make(program.permits),
      yield* Latch.make(program.open),
      yield* Deferred.make<never, void>()
    )
  })
  const run = await runVirtual(play(program, makeWorld), {
    ...(seed === undefined ? {} : { seed }),
    ...(yieldEvery === undefined ? {} : { yieldEvery })
  })
  const world = expectSuccessAmongReports(run) as World
  expect(world.broken).toEqual([])
  expect(describeReports(run.reports)).toEqual([])
  expect(dump()).not.toContain('model')
}

describe('random programs', () => {
  test('keep the invariants of queue, group, semaphore and finalizers (8-21, 24)', {
    timeout: 600_000
  }, async () => {
    await fc.assert(fc.asyncProperty(setting, obeys), { numRuns: Number(process.env.MODEL_RUNS ?? 250) })
  })

  test('give the same run for the same seed (25)', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(setting, async ({ program, seed, yieldEvery }) => {
        const logs: Array<string> = []
        for (let round = 0; round < 2; round++) {
          const log: Array<string> = []
          const makeWorld = Task.sync(() => {
            const queue = new Queue<number>(program.maxsize)
            const latch = new Latch(program.open)
            const world = new World(
              program,
              queue,
              new Semaphore(program.permits),
              latch,
              new Deferred<never, void>()
            )
            const { took, gave } = world
            world.took = (by, items) => {
              log.push(`${by.id} took ${items}`)
              took.call(world, by, items)
            }
            world.gave = (item) => {
              log.push(`gave ${item}`)
              gave.call(world, item)
            }
            return world
          })
          const run = await runVirtual(play(program, makeWorld), {
            seed: seed ?? 1,
            ...(yieldEvery === undefined ? {} : { yieldEvery })
          })
          logs.push(`${log.join('; ')} in ${run.elapsed} ms`)
        }
        expect(logs[0]).toBe(logs[1])
      }),
      { numRuns: 25 }
    )
  })
})
