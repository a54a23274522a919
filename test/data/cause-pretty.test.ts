/** What `Cause.pretty` shows of each reason: a stack with the user's lines, and the named tasks that it passed through. */
import { fileURLToPath } from 'node:url'
import { Cause, Exit, type Group, Queue, runSync, runTaskExit, Schedule, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { leftOf } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'

/** Where the library is, as it stands in stacks. */
const src = fileURLToPath(new URL('../../src/', import.meta.url))
const here = fileURLToPath(import.meta.url)

const causeOf = async (task: Task.Task<unknown, unknown>): Promise<Cause.Cause<unknown>> =>
  leftOf((await runVirtual(task)).exit)

const prettyOf = async (task: Task.Task<unknown, unknown>): Promise<string> =>
  Cause.pretty(await causeOf(task))

/** An error with a stack of our making. */
const withStack = (stack: string, message = 'no', more: object = {}): Error =>
  Object.assign(new Error(message), { stack, ...more })

const prettyStack = (stack: string, message?: string): string =>
  Cause.pretty(Cause.fail(withStack(stack, message)))

const lines = (text: string): ReadonlyArray<string> => text.split('\n').map((line) => line.trim())

describe('the stack of an error', () => {
  it('has the lines of the user, and none of the library nor of Node', async () => {
    const text = await prettyOf(
      Task.gen(function* () {
        yield* Task.sleep(1)
        throw new Error('in the middle')
      })
    )
    expect(text).toContain('Error: in the middle')
    expect(text).toContain(here)
    expect(text).not.toContain(src)
    expect(text).not.toContain('node:internal')
    expect(text).not.toContain('Generator.next')
  })

  it('keeps lines of the host called by the user', async () => {
    const text = await prettyOf(
      Task.sync(() =>
        [1].map(() => {
          throw new Error('in a list')
        })
      )
    )
    expect(text).toContain('Array.map (<anonymous>)')
    expect(text).not.toContain(src)
  })

  it("keeps the user's lines below the library's", () => {
    const runs = (): Exit.Exit<never, never> => {
      try {
        runSync(
          Task.sync(() => {
            throw new Error('within the call')
          })
        )
      } catch (thrown) {
        return Exit.die(thrown)
      }
      throw new Error('expected it to throw')
    }
    const exit = runs()
    const text = Cause.pretty(leftOf(exit))
    expect(text).toMatch(/at runs \(/)
    expect(text).not.toContain(src)
  })

  it('is unchanged if no line would be left', async () => {
    const queue = new Queue<number>()
    queue.close()
    // In a later turn, where no line of the caller is on the stack.
    const exit = await runTaskExit(Task.flatMap(() => queue.get())(Task.yieldNow))
    const cause = leftOf(exit)
    const [error] = Cause.failures(cause)
    const text = Cause.pretty(cause)
    for (const line of lines(error?.stack ?? 'no stack')) expect(text).toContain(line)
    expect(text).toContain(src)
  })

  it('does not change a message with lines like those of a stack', () => {
    const message = `it says\n    at f (${src}data/check-input.ts:1:1)\n    at node:internal/timers:1:1`
    const text = prettyStack(
      `Error: ${message}\n    at g (${here}:1:1)\n    at h (${src}x.ts:1:1)\n    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)`,
      message
    )
    expect(lines(text)).toEqual([
      'failed: Error: it says',
      `at f (${src}data/check-input.ts:1:1)`,
      'at node:internal/timers:1:1',
      `at g (${here}:1:1)`
    ])
  })

  it('is parsed in the formats of Firefox and Safari', () => {
    const text = prettyStack(
      `load@https://app.example/users.js:12:10\nnext@[native code]\ninterpret@${src}runtime/run-loop.ts:1:1\n@https://app.example/main.js:1:1`
    )
    expect(lines(text)).toEqual([
      'failed: Error: no',
      'load@https://app.example/users.js:12:10',
      '@https://app.example/main.js:1:1'
    ])
  })

  it('may be missing, or no string', () => {
    expect(prettyStack('')).toBe('failed: Error: no')
    expect(Cause.pretty(Cause.fail(Object.assign(new Error('no'), { stack: undefined })))).toBe(
      'failed: Error: no'
    )
    expect(Cause.pretty(Cause.fail(Object.assign(new Error('no'), { stack: 12 })))).toBe('failed: Error: no')
    expect(prettyStack('words without a frame')).toBe('failed: Error: no\n    words without a frame')
  })

  it('of a nested error is cleaned', () => {
    const cause = withStack(`Error: why\n    at f (${here}:2:2)\n    at g (${src}x.ts:1:1)`, 'why')
    const error = withStack(`Error: no\n    at h (${here}:1:1)\n    at g (${src}x.ts:1:1)`, 'no', { cause })
    expect(lines(Cause.pretty(Cause.fail(error)))).toEqual([
      'failed: Error: no',
      `at h (${here}:1:1)`,
      'caused by: Error: why',
      `at f (${here}:2:2)`
    ])
  })

  it("keeps a user's folder that has the name of the library", () => {
    const other = '/home/somebody/src/data/stacks.ts'
    expect(prettyStack(`Error: no\n    at f (${other}:1:1)\n    at g (${src}x.ts:1:1)`)).toContain(other)
  })
})

describe('the trace of each reason', () => {
  const failing = pipe(Task.fail('reading broke'), Task.named('read'))
  const cleaning = pipe(Task.die('closing broke'), Task.named('close'))

  it('is its own, followed by that of the whole cause', async () => {
    const text = await prettyOf(pipe(failing, Task.ensuring(cleaning), Task.named('load')))
    expect(lines(text)).toEqual([
      'failed: reading broke',
      'in read, in load',
      'then, while cleaning up, died of a defect: closing broke',
      'in close, in load'
    ])
  })

  it('is shown once for reasons with the same trace', async () => {
    const text = await prettyOf(
      pipe(
        Task.fail('one'),
        Task.ensuring(Task.fail('two')),
        Task.named('load'),
        Task.ensuring(Task.fail('three'))
      )
    )
    expect(lines(text)).toEqual([
      'failed: one',
      'then, while cleaning up, failed: two',
      'in load',
      'then, while cleaning up, failed: three'
    ])
  })

  it('survives mapError, a region with an interruption, and the removal of an interruption', async () => {
    const both = pipe(failing, Task.ensuring(pipe(Task.fail('closing broke'), Task.named('close'))))
    expect(
      lines(
        await prettyOf(
          pipe(
            both,
            Task.mapError((e) => `${e}!`),
            Task.named('load')
          )
        )
      )
    ).toEqual([
      'failed: reading broke!',
      'in read, in load',
      'then, while cleaning up, failed: closing broke!',
      'in close, in load'
    ])
    const timed = pipe(
      Task.never,
      Task.named('wait'),
      Task.ensuring(cleaning),
      Task.timeout(5),
      Task.named('load')
    )
    expect(await prettyOf(timed)).toMatch(/TimeoutError[\s\S]*in load\n.*closing broke\n *in close, in load$/)
  })

  it('is not visible in the cause', async () => {
    const cause = await causeOf(pipe(failing, Task.ensuring(cleaning), Task.named('load')))
    expect(cause).toStrictEqual({
      reasons: [
        { _tag: 'Fail', error: 'reading broke' },
        { _tag: 'Die', defect: 'closing broke' }
      ],
      trace: ['read', 'load']
    })
    expect(Reflect.ownKeys(cause)).toEqual(['reasons', 'trace'])
  })

  const inFiber = (name: string) => (task: Task.Task<string, unknown>) =>
    Task.withGroup((group: Group<string>) =>
      pipe(
        group.spawn(task, { name }),
        Task.flatMap((fiber) => fiber.join())
      )
    )

  const ways: Readonly<Record<string, (task: Task.Task<string, unknown>) => Task.Task<unknown, unknown>>> = {
    'a promise': (task) =>
      pipe(
        Task.promise(() => Promise.resolve(1)),
        Task.flatMap(() => task)
      ),
    'a sleep': (task) => pipe(task, Task.delay(10)),
    'a retry that ends well in time': (task) => {
      let tries = 0
      const flaky = Task.suspend(() => (++tries < 3 ? Task.fail('busy') : Task.unit))
      const retried = Task.retry(Schedule.spaced(10))(flaky)
      return pipe(
        retried,
        Task.flatMap(() => task)
      )
    },
    'a repetition': (task) => Task.repeat(Schedule.recurs(2))(task),
    all: (task) => Task.all([Task.never, task]),
    'race, where the other side failed first': (task) => pipe(task, Task.race(Task.fail('as well'))),
    'a timeout': (task) => pipe(task, Task.timeout(1000)),
    'forEach, one at a time': (task) => Task.forEach(() => task)([1]),
    'forEach, two at a time': (task) => Task.forEach(() => task, { concurrency: 2 })([1, 2]),
    withGroup: (task) => Task.withGroup(() => task),
    'a generator': (task) =>
      Task.gen(function* () {
        yield* task
      }),
    'a callback': (task) => Task.async<string, unknown>((resume) => resume(task)),
    'a region': (task) => Task.uninterruptible(task),
    'a bracket': (task) =>
      Task.bracket(
        Task.unit,
        () => task,
        () => Task.unit
      )
  }
  for (const [name, way] of Object.entries(ways)) {
    it(`passes through ${name}`, async () => {
      const task = pipe(
        Task.sleep(1),
        Task.flatMap(() => Task.fail('broken')),
        Task.named('inner')
      )
      const { trace } = await causeOf(pipe(task, way, Task.named('outer')))
      expect(trace).toEqual(['inner', 'outer'])
    })
  }

  it('passes through the join of a fiber, and contains its name', async () => {
    const task = pipe(
      Task.sleep(1),
      Task.flatMap(() => Task.fail('broken')),
      Task.named('inner')
    )
    const text = await prettyOf(pipe(task, inFiber('worker'), Task.named('outer')))
    expect(lines(text)).toEqual(['failed: broken', 'in inner, in worker, in outer'])
  })
})

describe('a cause of a hundred reasons', () => {
  it('is formatted completely, in order, with each trace', async () => {
    const steps = Array.from({ length: 100 }, (_, n) => n)
    const task = steps.reduce<Task.Task<string, unknown>>(
      (before, n) => pipe(before, Task.ensuring(pipe(Task.fail(`broken ${n}`), Task.named(`step ${n}`)))),
      Task.unit
    )
    const told = lines(await prettyOf(pipe(task, Task.named('whole'))))
    expect(told).toEqual(
      steps.flatMap((n) => [
        `${n === 0 ? '' : 'then, while cleaning up, '}failed: broken ${n}`,
        `in step ${n}, in whole`
      ])
    )
  })
})

describe('a cause that grows by one reason at a time', () => {
  it('reuses the objects of its earlier reasons', async () => {
    const all = Array.from({ length: 15_000 }, (_, index) => Task.fail(index))
    const whole = all.reduce<Task.Task<number, never>>(
      (task, last) => pipe(task, Task.ensuring(last)),
      Task.fail(-1)
    )
    const exit = await runTaskExit(whole)
    const cause = leftOf(exit)
    expect(Cause.failures(cause).length).toBe(15_001)
    expect(Cause.pretty(cause).split('\n').at(-1)).toBe('  then, while cleaning up, failed: 14999 (a number)')
  })
})
