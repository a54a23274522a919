/**
 * Small programs in every order in which their fibers can be scheduled, with up to two preemptions.
 *
 * Each lists its possible ends: another end is a bug, and a listed end that never occurs means that the test is too weak.
 */
import { explore } from 'aio-ts/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { rightOf } from '../support/exits.js'
import { lifetimes } from './lifetimes.js'
import { locks } from './locks.js'
import type { Program } from './program.js'
import { queues } from './queues.js'
import { races } from './races.js'

const rooms: ReadonlyArray<readonly [string, ReadonlyArray<Program>]> = [
  ['queues', queues],
  ['semaphores, deferreds and latches', locks],
  ['fibers, finalizers and groups', lifetimes],
  ['races, timeouts and concurrent operators', races]
]

const programs = rooms.flatMap(([, all]) => all)
let sum = 0
let explored = 0

afterAll(() => {
  console.log(`${explored} programs explored to the end with up to 2 preemptions: ${sum} interleavings.`)
})

test('there are at least 40 programs, each with a unique name', () => {
  expect(programs.length).toBeGreaterThanOrEqual(40)
  expect(new Set(programs.map(([name]) => name)).size).toBe(programs.length)
})

describe.each(rooms)('%s', (_room, all) => {
  test.each(all)('%s', { timeout: 30_000 }, async (_name, make, ends) => {
    const seen = new Set<string>()
    const { runs, complete } = await explore(make, {
      preemptions: 2,
      check: (run) => {
        const end = rightOf(run.exit)
        seen.add(end)
        expect(ends).toContain(end)
      }
    })
    sum += runs
    explored++
    expect([...seen].sort()).toEqual([...ends].sort())
    expect(complete).toBe(true)
  })
})
