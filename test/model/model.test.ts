/**
 * Random small programs over everything that waits, with interruption at random steps and in the turn of a hand-off. Whatever happens,
 * the books must balance. A seed says all of it: the program, the interleaving, the interruptions.
 *
 * | invariant | where it is checked |
 * |---|---|
 * | 1 one exit, every waiter told once | play.ts `watch` (two waiters a fiber), world.ts `checkEnded` |
 * | 2 a Task value runs twice independently | walk.ts `twice`; seed.ts runs the whole program's Task again |
 * | 3 interrupt returns after all finalizers | fibers.ts `stop`, `closeShared`, `inSubgroup`; regions.ts `joined`; play.ts `watch` |
 * | 4 interruption bounded, never lost, never twice | owner.ts `mustEnd` at rest (world.ts `checkAtRest`); play.ts `watch`; `maxSteps` |
 * | 5 masked regions see none, depth restored | walk.ts `uninterruptible`, `restore`; world.ts `checkEnded`; a mask that stays is a loss under 4 |
 * | 6 no mask is inherited | world.ts `checkAtRest` over `owners` and `attended`: each counts its own masks only |
 * | 7 kinds of failure stay apart, none is dropped | world.ts `checkReasons`; walk.ts `ensuring`; play.ts `isPlanned` |
 * | 8 acquired = released, once, in reverse order | world.ts `acquire`, `release`, `checkAtEnd`; fibers.ts `inGroup` (a group's own) |
 * | 9 a failing finalizer stops no other | releases that die (walk.ts `bracket`, fibers.ts `inGroup`) under 8 |
 * | 10 states in order, closing before interruption | world.ts `seen`, `look`; fibers.ts `member`; play.ts `watchShared` |
 * | 11 closed means nothing is alive | fibers.ts, play.ts `watchShared`, world.ts `checkAtEnd`; timers: LeakError of `runTest` |
 * | 12 nothing accepted after closing, nothing unsupervised | fibers.ts `spawn`, `member` |
 * | 13 concurrent closers all return | world.ts `closers` at rest and at the end |
 * | 14 a subgroup detaches | world.ts `checkAtRest`: the dump does not know it any more |
 * | 15 put = got + inside | world.ts `checkAtEnd` |
 * | 16 interrupted means no effect | the same sum: what an interrupted put left, or an interrupted get took, is missing in it |
 * | 17 capacity, FIFO of items and of waiters | world.ts `took`, `act` with line.ts `servedOf` |
 * | 18 at rest nobody waits for what is there | world.ts `checkAtRest`, `act` |
 * | 19 close leaves nobody waiting | world.ts `act`, `checkAtRest` |
 * | 20 free + held = total | world.ts `look`, `checkAtRest`, `checkAtEnd` |
 * | 21 the head waits only while it does not fit | world.ts `checkAtRest` with line.ts `heads` |
 * | 22, 23 of the executor | do not apply: no executor takes part |
 * | 24 nothing is left | LeakError and DeadlockError of `runTest`; world.ts `checkAtEnd`; play.ts `playOnce`; here, unhandled rejections |
 * | 25 the same seed, the same event log | seed.ts, one seed in eight |
 * | 26 every run sees its own async context | contexts.ts, world.ts `sees`: before and after each step of `walk` |
 *
 * The same seed also makes a program of `results.ts`, which asks what becomes of what a stopped fiber still gave. There the numbers are
 * lines of docs/semantics.md:
 *
 * | invariant | what breaks it, and the seed at which it is found |
 * |---|---|
 * | 2 no interruption in the cause of a program that nobody interrupted | a fiber's own interruption is taken for a late result: 1; withGroup keeps it: 296 |
 * | 4 the failure of each cleanup is seen once | children drop it: 1; a race: 32, 52; what an interruption carries: 32, 80 |
 * | 8 the work has begun on each item that was taken | a counted step before the work: 485; a fiber of its own for it: 7262 |
 * | 10, 35 a masked value passes what does not change it | the end of a region looks at masks alone: 4 |
 * | 10, 24 no handler of a Group<never> is called with a failure | failures that passed `orElse` stay typed: 33 |
 * | 21 no acquisition waits for what its closing group stops | it may wait for the group: 15, for a stopped fiber: 18 |
 * | 27 a resource is held by somebody, or released | see `lateResource` |
 * | 31 put = got + inside, also by abort listeners | see `listen` |
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkSeed } from './seed.js'

const seeds = Number(process.env.MODEL_SEEDS ?? 1000)
const firstSeed = Number(process.env.MODEL_SEED ?? 1)

const rejections: Array<unknown> = []
const note = (reason: unknown): void => void rejections.push(reason)

beforeEach(() => {
  process.on('unhandledRejection', note)
})

afterEach(() => {
  process.off('unhandledRejection', note)
  expect(rejections).toEqual([])
})

test(`${seeds} random programs keep the invariants`, { timeout: 600_000 }, async () => {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) await checkSeed(seed)
})
