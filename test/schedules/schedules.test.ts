/**
 * Small programs in every order in which their fibers can take turns, with up to two preemptions.
 *
 * Each says how it may end; an end that is not among those is a bug, and one of those that never occurs is a test that says too little.
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
  ['races, time-outs and what runs several tasks at once', races]
]

const programs = rooms.flatMap(([, all]) => all)
let sum = 0
let explored = 0

afterAll(() => {
  console.log(`${explored} programs explored to the end with up to 2 preemptions: ${sum} interleavings.`)
})

test('there are at least 40 of them, each with a name of its own', () => {
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
