/** Every gap between two operations is interrupted once, and what was acquired is always released. */
import { callOnCancel, callOnDone, Deferred, Queue, Semaphore, Task } from 'aio-ts'
import { isRight } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { failure, Interrupt, lateResults, type Summary, success, summary } from '../support/exits.js'
import { type SweepOptions, sweep } from '../support/sweep.js'
import { counted, endsAs, programs, step } from './programs.js'

/**
 * Modes of every sweep: each gap once; each later gap too; two operations a turn; another order of the fibers. Every public operation
 * is swept in test/sweeps, once a gap; these are the programs and the modes that go beyond that.
 */
const modes: ReadonlyArray<readonly [string, SweepOptions]> = [
  ['once', {}],
  ['again and again', { again: true }],
  ['two operations a time slice', { yieldEvery: 2 }],
  ['the default budget', { yieldEvery: 2048 }],
  ['in the order of seed 2', { seed: 2, again: true }]
]

describe.each(modes)('interrupted at every step, %s (4, 8, 9)', (_mode, options) => {
  it.each(programs)('%s: what was acquired is released, once, in reverse order', async (_name, make) => {
    const { steps } = await sweep(make, options)
    expect(steps).toBeGreaterThan(options.yieldEvery === undefined ? 4 : 1)
  })

  it('there is no gap between the end of an operation and its finalizer (8)', async () => {
    await sweep(() => {
      let done = false
      let seen: Summary | undefined
      return {
        task: pipe(
          step,
          Task.flatMap(() =>
            pipe(
              Task.sync(() => {
                done = true
                return 'done'
              }),
              Task.onExit((exit) => Task.sync(() => void (seen = summary(exit))))
            )
          )
        ),
        check: () =>
          expect(seen).toEqual(done ? success('done') : seen === undefined ? undefined : failure(Interrupt))
      }
    }, options)
  })

  it('there is no gap between the end of a restored part and its mask (8)', async () => {
    await sweep(() => {
      let done = false
      let seen: Summary | undefined
      return {
        task: Task.uninterruptibleMask((restore) =>
          pipe(
            restore(
              pipe(
                step,
                Task.flatMap(() => Task.sync(() => void (done = true)))
              )
            ),
            Task.exit,
            Task.flatMap((exit) => Task.sync(() => void (seen = summary(exit))))
          )
        ),
        check: () => {
          expect(seen).toBeDefined()
          expect(seen).toEqual(done ? success(undefined) : failure(Interrupt))
        }
      }
    }, options)
  })

  it('an uninterruptible region runs to its end or not at all (10)', async () => {
    await sweep(() => {
      const log: Array<string> = []
      const say = (word: string) => Task.sync(() => void log.push(word))
      const region = pipe(
        say('begin'),
        Task.flatMap(() => Task.sleep(5)),
        Task.flatMap(() => step),
        Task.flatMap(() => say('end'))
      )
      return {
        task: pipe(
          step,
          Task.flatMap(() => Task.uninterruptible(region)),
          Task.flatMap(() => step),
          Task.flatMap(() => say('after'))
        ),
        check: ({ exit }) => {
          if (log.includes('begin')) expect(log).toContain('end')
          expect(log.includes('after')).toBe(isRight(exit))
        }
      }
    }, options)
  })

  it('the finally of a generator and of its delegate runs to its end, and no code after it (15)', async () => {
    await sweep(() => {
      const log: Array<string> = []
      const say = (word: string) =>
        pipe(
          Task.sleep(1),
          Task.map(() => void log.push(word))
        )
      function* inner(): Generator<Task.Task<never, any>, void, any> {
        log.push('inner')
        try {
          yield* step
          yield* Task.sleep(5)
          log.push('inner body end')
        } finally {
          yield* say('inner clean 1')
          yield* say('inner clean 2')
        }
        log.push('inner end')
      }
      return {
        task: Task.gen(function* () {
          log.push('outer')
          try {
            yield* inner()
            log.push('outer went on')
          } finally {
            yield* say('outer clean')
          }
          log.push('outer end')
        }),
        check: ({ exit, step: at }) => {
          if (isRight(exit)) return expect(log.at(-1)).toBe('outer end')
          expect(at).toBeDefined()
          expect(log).not.toContain('outer end')
          // A finally that was reached in peace is code like any other, and ends where it is interrupted.
          if (log.includes('inner') && !log.includes('inner body end')) {
            expect(log).toEqual(['outer', 'inner', 'inner clean 1', 'inner clean 2', 'outer clean'])
          } else if (log.includes('outer') && !log.includes('outer went on'))
            expect(log.at(-1)).toBe('outer clean')
          return undefined
        }
      }
    }, options)
  })

  it('an uncancellable region without raising always returns its value, and no later operation is interrupted by what came meanwhile (34)', async () => {
    await sweep(() => {
      const log: Array<string> = []
      const say = (word: string) => Task.sync(() => void log.push(word))
      const region = pipe(
        say('begin'),
        Task.flatMap(() => Task.sleep(5)),
        Task.flatMap(() => step),
        Task.flatMap(() => say('end')),
        Task.uncancellable({ raiseCancel: false })
      )
      return {
        task: pipe(
          region,
          Task.flatMap(() => say('behind'))
        ),
        check: () => {
          if (log.length > 0) expect(log.slice(0, 2)).toEqual(['begin', 'end'])
        }
      }
    }, options)
  })

  it('callOnCancel calls once, or is never reached (36)', async () => {
    await sweep(() => {
      let calls = 0
      return {
        task: pipe(
          step,
          Task.flatMap(() =>
            pipe(
              callOnCancel(() => ++calls),
              Task.timeout(10)
            )
          )
        ),
        check: ({ exit }) => {
          expect(calls).toBeLessThanOrEqual(1)
          if (isRight(exit)) expect([calls, exit.right]).toEqual([1, 1])
          else expect(lateResults(exit)).toEqual(calls === 1 ? [success(1)] : [])
        }
      }
    }, options)
  })

  it('callOnDone never leaves its task running', async () => {
    await sweep(
      counted((around) => callOnDone(around('a', Task.sleep(5)), () => 'called'), success('called')),
      options
    )
  })

  it.each([
    [
      'mapped',
      (work: Task.Task<never, number>) =>
        pipe(
          Task.uninterruptible(work),
          Task.map((n) => n)
        )
    ],
    ['named', (work: Task.Task<never, number>) => pipe(Task.uninterruptible(work), Task.named('work'))],
    [
      'with a handler',
      (work: Task.Task<never, number>) =>
        pipe(
          Task.uninterruptible(work),
          Task.orElse(() => Task.succeed(0))
        )
    ],
    [
      'with a finalizer',
      (work: Task.Task<never, number>) => pipe(Task.uninterruptible(work), Task.ensuring(Task.unit))
    ]
  ])(
    'there is no checkpoint before an uninterruptible region, %s: what was taken is worked on (8)',
    async (_name, wrap) => {
      await sweep(() => {
        const queue = new Queue<number>()
        for (let n = 0; n < 5; n++) queue.putNowait(n)
        const worked: Array<number> = []
        return {
          task: Task.gen(function* () {
            for (let n = 0; n < 5; n++) {
              const item = yield* queue.get()
              yield* wrap(Task.sync(() => worked.push(item)))
            }
          }),
          check: () => expect(worked.length + queue.size).toBe(5)
        }
      }, options)
    }
  )

  it('permits are returned', async () => {
    await sweep(() => {
      const semaphore = new Semaphore(2)
      const one = pipe(Task.sleep(3), semaphore.withPermits(1))
      const two = pipe(step, semaphore.withPermits(2))
      return {
        task: pipe(Task.all([one, two, one]), Task.as('all')),
        check: (outcome) => {
          expect(semaphore.available).toBe(2)
          endsAs(success('all'))(outcome)
        }
      }
    }, options)
  })

  it('checking and starting to wait are one step: no waiter misses its wake-up (31)', async () => {
    await sweep(() => {
      const deferred = new Deferred<never, string>()
      return {
        task: Task.all([
          deferred.wait(),
          deferred.wait(),
          pipe(
            step,
            Task.flatMap(() => Task.sync(() => deferred.succeed('news')))
          )
        ]),
        check: endsAs(success(['news', 'news', true]))
      }
    }, options)
  })
})
