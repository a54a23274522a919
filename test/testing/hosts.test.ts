/** The kit needs nothing of Node, of a browser or of a test runner: it runs under node:test, and where there is nothing at all. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { root } from '../../scripts/process.js'
import { wireit } from '../../scripts/wireit.js'

// Each starts a process, however busy the machine is.
vi.setConfig({ testTimeout: 60_000 })

beforeAll(() => wireit('build:dist', { isQuiet: true }), 120_000)

const node = (...args: ReadonlyArray<string>): Promise<{ readonly code: number; readonly output: string }> =>
  new Promise((resolve) => {
    const env: NodeJS.ProcessEnv = { ...process.env, NODE_NO_WARNINGS: '1' }
    // What tells a runner that it runs within another.
    delete env.NODE_TEST_CONTEXT
    execFile(process.execPath, args, { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr })
    })
  })

const fixture = (name: string): string => join(root, 'test/testing/fixtures', name)

const inContext = (kind: 'bare' | 'browser' | 'jest' | 'jest-fake', program: string) =>
  node('--experimental-vm-modules', fixture('bare-context.mjs'), kind, program)

const imports = `
  import { Deferred, Queue, Task } from 'aio-ts'
  import { explore, replay, runTest, sweepInterrupts } from 'aio-ts/testing'
`

describe('a host with JavaScript only', () => {
  it('has no global of Node', async () => {
    const { output } = await inContext(
      'bare',
      `report(typeof process + typeof setTimeout + typeof setImmediate)`
    )
    expect(output).toBe('undefinedundefinedundefined\n')
  })

  it('would fail on an import from Node', async () => {
    const { code, output } = await inContext('bare', `import 'node:fs'`)
    expect(code).not.toBe(0)
    expect(output).toContain('imports node:fs')
  })

  it('runs programs on virtual time, in a replay, in every interleaving, and interrupted', async () => {
    const { output } = await inContext(
      'bare',
      `${imports}
      const make = () => Task.suspend(() => {
        const queue = new Queue(1)
        const produce = Task.gen(function* () {
          for (const item of [1, 2, 3]) {
            yield* Task.sleep(1000)
            yield* queue.put(item)
          }
          queue.close()
          return 'produced'
        })
        return Task.all([produce, queue.forEach(() => Task.unit)])
      })
      const run = await runTest(make(), { seed: 7 })
      const again = await replay(make(), run.schedule)
      report([run.elapsed, run.exit.right[0], again.schedule === run.schedule].join())
      const { complete } = await explore(make, { preemptions: 1 })
      const { steps } = await sweepInterrupts(make)
      report([complete, steps > 10].join())
      `
    )
    expect(output).toBe('3000,produced,true\ntrue,true\n')
  })
})

describe('a host with the globals of a browser', () => {
  it('has the same promises, callbacks, deadlocks and wait cycles', async () => {
    const { output } = await inContext(
      'browser',
      `${imports}
      const later = (ms) => new Promise((resolve) => setTimeout(() => resolve('later'), ms))
      report((await runTest(Task.promise(() => later(5)))).exit.right)
      const deferred = new Deferred()
      const callback = Task.suspend(() => {
        setTimeout(() => deferred.succeed('called back'), 5)
        return deferred.wait()
      })
      report((await runTest(callback)).exit.right)
      report((await runTest(Task.never).catch((error) => error)).name)
      const circle = runTest(Task.forever(Task.unit), { maxSteps: 50000 })
      report((await circle.catch((error) => error)).name)
      `
    )
    expect(output).toBe('later\ncalled back\nDeadlockError\nLivelockError\n')
  })
})

/** Tests that wait for a callback which nobody will make, at once; the time that runners give them, and what has come of each by then. */
const unanswered = `${imports}
  const bell = Task.async(() => {})
  const ended = async (make) => {
    const error = await make().catch((error) => error)
    return [error.name, error.cause?.name, /no promise or callback of the host has come within 2000 ms/.test(error.message),
      /waits for async/.test(error.message), /await replay\\((task|make\\(\\)), 'aio1:/.test(error.message)].join(' ')
  }
  const replayed = async () => {
    const { message } = await runTest(bell, { hostWaitMs: 0 }).catch((error) => error)
    await replay(bell, /'(aio1:[^']+)'/.exec(message)[1], { hostWaitMs: 2000 })
  }
  const tests = [() => runTest(bell), replayed, () => explore(() => bell), () => sweepInterrupts(() => bell)]
  report((await Promise.all(tests.map(ended))).join('\\n'))
`

describe('a callback that never comes', () => {
  const expected = [
    'DeadlockError  true true true',
    'DeadlockError  true true true',
    'ExploreError DeadlockError true true true',
    'ExploreError DeadlockError true true true'
  ]

  it.each(['browser', 'jest', 'jest-fake'] as const)(
    'is reported with the globals of a host like %s',
    async (kind) => {
      const { output } = await inContext(kind, unanswered)
      expect(output.trim().split('\n')).toEqual(expected)
    }
  )

  it('is reported under node:test, which continues with the next test', async () => {
    const { code, output } = await node('--test', '--test-reporter=tap', fixture('node-test-host.mjs'))
    expect(code).toBe(1)
    expect(output).not.toContain('still pending')
    expect(output).toMatch(/# pass 1\n# fail 4/)
    for (const name of ['runTest', 'replay', 'explore', 'sweepInterrupts'])
      expect(output).toMatch(new RegExp(`not ok \\d - ${name}\n`))
    expect(output.match(/nothing can run: \d fibers? left/g)?.length).toBeGreaterThanOrEqual(4)
    expect(output.match(/waits for async \(until its callback is called\)/g)?.length).toBeGreaterThanOrEqual(
      4
    )
    expect(output.match(/The very same run again: await replay\(/g)?.length).toBeGreaterThanOrEqual(4)
  })
})

it('under node:test passing tests pass and a deadlock is reported', async () => {
  const { code, output } = await node('--test', '--test-reporter=tap', fixture('node-test.mjs'))
  expect(code).toBe(1)
  expect(output).toMatch(/# pass 3\n# fail 1/)
  expect(output).toContain('nothing can ever run again')
  expect(output).toContain('await replay(task, ')
})
