/**
 * Random Tasks for the laws, and when two of them are the same.
 *
 * A law is an equation between Tasks: both sides run on virtual time and must end alike, for the same reasons in the same order, after
 * the same time, with the same number of reports.
 *
 * A random Task is made of a plan, which fast-check can print and shrink. Plans of one law never end at the same moment: which of two
 * simultaneous failures is the first is not decided by a law.
 */
import { Task } from 'aio-ts'
import * as fc from 'fast-check'
import { pipe } from 'fp-ts/lib/function.js'
import { expect } from 'vitest'
import { summary } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'

export interface Plan {
  readonly ending: 'value' | 'failure' | 'defect'
  /** How it gets there: all at once, or in one of the ways in which a Task may wait. */
  readonly way: 'at once' | 'generator' | 'callback' | 'promise' | 'fiber'
  readonly n: number
  /** Milliseconds of sleep before it ends. */
  readonly after: number
}

export type SomeTask = Task.Task<string, number>

const ended = (plan: Plan): SomeTask => {
  switch (plan.ending) {
    case 'value':
      return Task.succeed(plan.n)
    case 'failure':
      return Task.fail(`failure ${plan.n}`)
    case 'defect':
      return Task.die(`defect ${plan.n}`)
  }
}

const gone = (plan: Plan): SomeTask => {
  const end = ended(plan)
  switch (plan.way) {
    case 'at once':
      return end
    case 'generator':
      return Task.gen(function* () {
        yield* Task.yieldNow
        return yield* end
      })
    case 'callback':
      return Task.async<string, number>((resume) => {
        queueMicrotask(() => resume(end))
      })
    case 'promise':
      return pipe(
        Task.promise(() => Promise.resolve(plan.n)),
        Task.flatMap(() => end)
      )
    case 'fiber':
      return pipe(
        Task.all([end]),
        Task.map(([n]) => n)
      )
  }
}

export const taskOf = (plan: Plan): SomeTask =>
  plan.after === 0
    ? gone(plan)
    : pipe(
        Task.sleep(plan.after),
        Task.flatMap(() => gone(plan))
      )

/** The Task of a function: what the plan's number makes of another. */
export const functionOf = (plan: Plan): Task.Task<string, (n: number) => number> =>
  pipe(
    taskOf(plan),
    Task.map((k) => affine(k))
  )

/** A function of numbers that is not the same as another one. */
export const affine =
  (k: number) =>
  (n: number): number =>
    3 * n + k

/** A function from a number to a Task: it ends as the plan says, with that number in it. */
export const arrowOf =
  (plan: Plan) =>
  (n: number): SomeTask =>
    taskOf({ ...plan, n: plan.n + 7 * n })

export interface Conditions {
  readonly seed: number | undefined
  readonly yieldEvery: number
}

export const conditions: fc.Arbitrary<Conditions> = fc.record({
  seed: fc.option(fc.nat(), { nil: undefined }),
  yieldEvery: fc.constantFrom(1, 2, 2048)
})

/** As many plans as asked for, each of which ends at a moment of its own. */
export const plans = <const L extends number>(count: L): fc.Arbitrary<PlansOf<L>> =>
  fc
    .array(
      fc.record({
        ending: fc.constantFrom('value', 'value', 'value', 'failure', 'defect'),
        way: fc.constantFrom('at once', 'generator', 'callback', 'promise', 'fiber'),
        n: fc.integer({ min: -9, max: 9 }),
        after: fc.constantFrom(0, 100, 200)
      } satisfies { [K in keyof Plan]: fc.Arbitrary<Plan[K]> }),
      { minLength: count, maxLength: count }
    )
    .map((made) => tupleOf<L>(made.map((plan, index) => ({ ...plan, after: plan.after + index }))))

type PlansOf<L extends number, T extends ReadonlyArray<Plan> = []> = T['length'] extends L
  ? T
  : PlansOf<L, readonly [...T, Plan]>

/** Holds because the array was made with just that length. */
const tupleOf = <L extends number>(made: ReadonlyArray<Plan>): PlansOf<L> => made as PlansOf<L>

export interface Observation {
  readonly ending: unknown
  readonly elapsed: number
  readonly reports: number
}

export const observe = async (task: Task.Task<unknown, unknown>, under: Conditions): Promise<Observation> => {
  const { exit, elapsed, reports } = await runVirtual(task, {
    yieldEvery: under.yieldEvery,
    ...(under.seed === undefined ? {} : { seed: under.seed })
  })
  return { ending: summary(exit), elapsed, reports: reports.length }
}

/** Both sides of an equation, under the same conditions. */
export const expectSame = async <E, A>(
  [left, right]: readonly [Task.Task<E, A>, Task.Task<E, A>],
  under: Conditions
): Promise<void> => {
  expect(await observe(left, under)).toEqual(await observe(right, under))
}

/** An equation that must hold of any plans, under any conditions. */
export const law = <const L extends number, E, A>(
  count: L,
  equation: (...given: PlansOf<L>) => readonly [Task.Task<E, A>, Task.Task<E, A>]
): (() => Promise<void>) => {
  const property = fc.asyncProperty(plans(count), conditions, (given, under) =>
    expectSame(equation(...given), under)
  )
  return () => fc.assert(property, { numRuns: 100 })
}
