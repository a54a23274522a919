/** Programs to be interrupted at every step, each around brackets whose balance is checked at the end. */
import { Schedule, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { expect } from 'vitest'
import { Fail, failure, Interrupt, type Summary, success, summary } from '../support/exits.js'
import type { SweepOutcome, SweepRun } from '../support/sweep.js'

/** It ended as `expected`, or was interrupted, or both where the interruption came on top of a failure. */
export const endsAs =
  (...expected: ReadonlyArray<Summary>) =>
  ({ exit, step }: SweepOutcome<unknown, unknown>): void => {
    const ended = summary(exit)
    const others = 'value' in ended ? [] : ended.reasons.filter((reason) => reason !== Interrupt)
    if (step === undefined || 'value' in ended) expect(expected).toContainEqual(ended)
    else if (others.length > 0) expect(expected).toContainEqual({ reasons: others })
  }

/** Counts entries and exits. */
export class Balance {
  open = 0
  readonly log: Array<string> = []
  around(name: string, use: Task.Task<string, unknown>): Task.Task<string, unknown> {
    return Task.bracket(
      pipe(
        Task.yieldNow,
        Task.flatMap(() =>
          Task.sync(() => {
            this.open++
            this.log.push(`+${name}`)
          })
        )
      ),
      () => use,
      () =>
        pipe(
          Task.yieldNow,
          Task.flatMap(() =>
            Task.sync(() => {
              this.open--
              this.log.push(`-${name}`)
            })
          )
        )
    )
  }
  /** Each entry has its exit, the last entered first. */
  check(): void {
    expect(this.open).toBe(0)
    const stack: Array<string> = []
    for (const entry of this.log) {
      if (entry.startsWith('+')) stack.push(entry.slice(1))
      else expect(stack.pop()).toBe(entry.slice(1))
    }
    expect(stack).toEqual([])
  }
}

export const step: Task.Task<never, void> = pipe(
  Task.unit,
  Task.flatMap(() => Task.yieldNow),
  Task.map(() => undefined)
)
export const balanced =
  (program: (around: Balance['around']) => Task.Task<string, unknown>, ...expected: ReadonlyArray<Summary>) =>
  () => {
    const balance = new Balance()
    return {
      task: program((name, use) => balance.around(name, use)),
      check: (outcome: SweepOutcome<string, unknown>) => {
        balance.check()
        if (expected.length > 0) endsAs(...expected)(outcome)
      }
    }
  }

/** Only what runs in one fiber keeps its entries nested; side by side only the count says something. */
export const counted =
  (program: (around: Balance['around']) => Task.Task<string, unknown>, ...expected: ReadonlyArray<Summary>) =>
  () => {
    const balance = new Balance()
    return {
      task: program((name, use) => balance.around(name, use)),
      check: (outcome: SweepOutcome<string, unknown>) => {
        expect(balance.open).toBe(0)
        endsAs(...expected)(outcome)
      }
    }
  }

export const programs: ReadonlyArray<readonly [string, () => SweepRun<string, unknown>]> = [
  ['a bracket', balanced((around) => around('a', pipe(step, Task.as(1))), success(1))],
  [
    'brackets within brackets',
    balanced((around) => around('a', around('b', around('c', step))), success(undefined))
  ],
  [
    'brackets one after the other, in a generator',
    balanced(
      (around) =>
        Task.gen(function* () {
          yield* around('a', step)
          try {
            yield* around('b', step)
            yield* step
          } finally {
            yield* around('c', step)
          }
          return 'end'
        }),
      success('end')
    )
  ],
  [
    'a bracket whose use fails',
    balanced(
      (around) =>
        pipe(
          around(
            'a',
            pipe(
              step,
              Task.flatMap(() => Task.fail('e'))
            )
          ),
          Task.orElse(() => step)
        ),
      success(undefined),
      failure(Fail('e'))
    )
  ],
  [
    'a bracket in a finalizer',
    balanced((around) => pipe(step, Task.ensuring(around('a', step))), success(undefined))
  ],
  [
    'a bracket in a timeout',
    balanced(
      (around) => pipe(around('a', Task.sleep(5)), Task.timeout(10), Task.mapError(String)),
      success(undefined)
    )
  ],
  [
    'a bracket that times out',
    balanced(
      (around) =>
        pipe(
          around('a', Task.sleep(50)),
          Task.timeout(10),
          Task.mapError((e) => (typeof e === 'string' ? e : e._tag))
        ),
      failure(Fail('TimeoutError'))
    )
  ],
  [
    'a bracket that is tried again',
    balanced(
      (around) =>
        pipe(
          around('a', Task.fail('e')),
          Task.retry(pipe(Schedule.spaced(5), Schedule.intersect(Schedule.recurs(2))))
        ),
      failure(Fail('e'))
    )
  ],
  [
    'a bracket that is repeated',
    balanced((around) => pipe(around('a', Task.succeed(1)), Task.repeat(Schedule.recurs(2))), success(1))
  ],
  [
    'brackets that race',
    counted(
      (around) =>
        pipe(
          around('a', pipe(Task.sleep(5), Task.as('a'))),
          Task.race(around('b', pipe(Task.sleep(9), Task.as('b'))))
        ),
      success('a')
    )
  ],
  [
    'brackets in all',
    counted(
      (around) =>
        pipe(Task.all([around('a', step), around('b', Task.sleep(3)), around('c', step)]), Task.as('all')),
      success('all')
    )
  ],
  [
    'brackets in all with a failure',
    counted(
      (around) =>
        Task.all([
          around('a', Task.never),
          around(
            'b',
            pipe(
              step,
              Task.flatMap(() => Task.fail('e'))
            )
          )
        ]),
      failure(Fail('e'))
    )
  ],
  [
    'brackets in forEach',
    counted(
      (around) =>
        pipe(
          [1, 2, 3, 4],
          Task.forEach((n) => around(`${n}`, pipe(step, Task.as(n))), { concurrency: 2 }),
          Task.as('each')
        ),
      success('each')
    )
  ],
  [
    'brackets in a group',
    counted(
      (around) =>
        Task.withGroup((group) =>
          pipe(
            group.spawn(pipe(around('a', Task.sleep(5)), Task.orDie)),
            Task.tap(() => group.spawn(pipe(around('b', Task.never), Task.orDie))),
            Task.flatMap((child) => child.join()),
            Task.mapError((e) => e._tag)
          )
        ),
      success(undefined)
    )
  ]
]
