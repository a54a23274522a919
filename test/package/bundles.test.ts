/**
 * Bundles work without the parts that a bundler omits. Methods of fibers, the iterator of a Task and the diagnostics are installed late,
 * by the code that needs them (docs/decisions/0004), and every other test loads the whole library, where they are always present. So
 * here small programs, each with as little of the library as it uses, are bundled and run.
 */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { right } from 'fp-ts/lib/Either.js'
import { describe, expect, it, vi } from 'vitest'

const source = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url))

/** The text of `program`, bundled. */
async function bundle(program: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: source('.') },
    bundle: true,
    minify: true,
    format: 'iife',
    globalName: 'program',
    target: 'es2022',
    alias: { 'aio-ts/Task': source('Task.ts'), 'aio-ts': source('index.ts') },
    write: false,
    logLevel: 'error'
  })
  return outputFiles[0]?.text ?? ''
}

/** Runs `program`, bundled; gives what it exports as `told`. */
async function tell(program: string): Promise<unknown> {
  const code = await bundle(program)
  const { told } = new Function(`${code}; return program`)() as { readonly told: unknown }
  return await told
}

describe('a small bundle', () => {
  it('runs a value, and reports a value that is no Task', async () => {
    const program = `
      import { runTask } from 'aio-ts'
      import { succeed } from 'aio-ts/Task'
      export const told = Promise.allSettled([runTask(succeed(1)), runTask(5)])`
    expect(await tell(program)).toMatchObject([
      { value: right(1) },
      { reason: { message: 'runTask: expected a Task, got a value of type number' } }
    ])
    // A program that can go wrong describes the value.
    const more = program
      .replace('import { succeed }', 'import { fail, succeed }')
      .replace('succeed(1)', '(fail(1), succeed(1))')
    expect(await tell(more)).toMatchObject([
      { value: right(1) },
      { reason: { message: 'runTask: expected a Task, got 5 (a number)' } }
    ])
  })

  it('shows the requesting fiber and the trace of an interruption', async () => {
    const program = `
      import { InterruptedError } from 'aio-ts'
      const by = { _tag: 'Some', value: 7 }
      const cause = { reasons: [{ _tag: 'Interrupt', by, result: { _tag: 'None' } }], trace: ['inner', 'outer'] }
      export const told = new InterruptedError(cause).message`
    expect(await tell(program)).toBe('the task was interrupted by fiber #7\n  in inner, in outer')
  })

  it('exposes fibers with all their methods', async () => {
    const able = `const able = (fiber) => [fiber.status()._tag, fiber.poll()._tag, fiber.title, fiber.path.length,
      ...['join', 'wait', 'interrupt', 'interruptNowait', 'toJSON'].map((name) => typeof fiber[name])].join()`
    const end = ',0,function,function,function,function,function'
    const forked = `
      import { runFork, runTask } from 'aio-ts'
      import { succeed } from 'aio-ts/Task'
      ${able}
      const fiber = runFork(succeed(1))
      export const told = runTask(fiber.join()).then(({ right }) => [right, able(fiber)])`
    expect(await tell(forked)).toEqual([1, `Done,Some,#1${end}`])
    const current = `
      import { runTask } from 'aio-ts'
      import { currentFiber } from 'aio-ts/Task'
      ${able}
      export const told = runTask(currentFiber).then(({ right }) => able(right))`
    expect(await tell(current)).toBe(`Done,Some,#1${end}`)
    const scheduled = `
      import { makeRuntime } from 'aio-ts'
      import { succeed } from 'aio-ts/Task'
      ${able}
      let seen
      const scheduler = { schedule: (fiber, run) => { seen ??= able(fiber); setTimeout(run) } }
      export const told = makeRuntime({ scheduler }).runTask(succeed(1)).then(() => seen)`
    expect(await tell(scheduled)).toBe(`Ready,None,#1${end}`)
    const hooked = `
      import { addHooks, runTask } from 'aio-ts'
      import { succeed } from 'aio-ts/Task'
      ${able}
      let seen
      const undo = addHooks({ fiberStarted: (fiber) => { seen = able(fiber) } })
      export const told = runTask(succeed(1)).then(() => (undo(), seen))`
    expect(await tell(hooked)).toBe(`Ready,None,#1${end}`)
    const reported = `
      import { makeRuntime } from 'aio-ts'
      import { die } from 'aio-ts/Task'
      ${able}
      export const told = new Promise((resolve) => {
        makeRuntime({ reporter: (_, fiber) => resolve(able(fiber)) }).runFork(die('no'))
      })`
    expect(await tell(reported)).toBe(`Done,Some,#1${end}`)
    const spawned = `
      import { Group, runTask } from 'aio-ts'
      import { succeed } from 'aio-ts/Task'
      ${able}
      const { right } = new Group().spawnNowait(succeed(1))
      export const told = runTask(right.wait()).then((exit) => able(right))`
    expect(await tell(spawned)).toBe(`Done,Some,#1${end}`)
    const failed = `
      import { Group } from 'aio-ts'
      import { fail } from 'aio-ts/Task'
      ${able}
      export const told = new Promise((resolve) => {
        new Group({ onFailure: (_, fiber) => resolve(able(fiber)) }).spawnNowait(fail('no'))
      })`
    expect(await tell(failed)).toBe(`Done,Some,#1${end}`)
  })

  it('shows objects on one line', async () => {
    const shown = `const shown = (...objects) => objects.flatMap((object) => [
        String(object), object[Symbol.for('nodejs.util.inspect.custom')]()])`
    const fibers = `
      import { runFork } from 'aio-ts'
      import { yieldNow } from 'aio-ts/Task'
      ${shown}
      export const told = shown(yieldNow, runFork(yieldNow, { name: 'one' }))`
    expect(await tell(fibers)).toEqual([
      'Task (yieldNow)',
      'Task (yieldNow)',
      'Fiber #1 one (ready)',
      'Fiber #1 one (ready)'
    ])
    const others = ['Queue', 'Group', 'Deferred', 'Latch', 'Semaphore', 'FiberLocal']
    for (const name of others) {
      const one = `
        import { ${name} } from 'aio-ts'
        ${shown}
        export const told = shown(new ${name}(${name === 'Semaphore' ? 1 : ''}))`
      const [text, inspected] = (await tell(one)) as ReadonlyArray<string>
      expect(text).toMatch(new RegExp(`^${name} \\(.+\\)$`))
      expect(inspected).toBe(text)
    }
    // What makes values alone has none of it.
    const least = `export { runTask } from 'aio-ts'; export { succeed } from 'aio-ts/Task'`
    expect(await bundle(least)).not.toContain('nodejs.util.inspect.custom')
  })

  it('yields Tasks', async () => {
    const program = `
      import { runTask } from 'aio-ts'
      import { gen, succeed } from 'aio-ts/Task'
      export const told = runTask(gen(function* () { return (yield* succeed(1)) + 1 }))`
    expect(await tell(program)).toEqual(right(2))
  })

  it('reports the place of a value that is no Task', async () => {
    const program = `
      import { runTask } from 'aio-ts'
      import { flatMap, succeed } from 'aio-ts/Task'
      export const told = Promise.allSettled([runTask(flatMap(() => 5)(succeed(1))), runTask(flatMap(() => 5)(6))])`
    expect(await tell(program)).toMatchObject([
      { reason: { message: 'Task.flatMap: expected a Task, got 5 (a number)' } },
      { reason: { message: 'Task.flatMap: expected to stand behind a Task, got 6 (a number)' } }
    ])
  })

  it('reports the reasons after the error that a handler received', async () => {
    const program = `
      import { makeRuntime } from 'aio-ts'
      import { failCause, orElse, succeed } from 'aio-ts/Task'
      const cause = { reasons: [{ _tag: 'Fail', error: 1 }, { _tag: 'Fail', error: 2 }], trace: [] }
      const said = []
      const runtime = makeRuntime({ reporter: ({ reasons }) => said.push(...reasons) })
      export const told = runtime.runTask(orElse(succeed)(failCause(cause))).then(({ right }) => [right, ...said])`
    expect(await tell(program)).toEqual([1, { _tag: 'Fail', error: 2 }])
  })

  it('writes unobserved failures, whatever they are', async () => {
    const written = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    try {
      const forked = `
        import { runFork } from 'aio-ts'
        import { sync } from 'aio-ts/Task'
        runFork(sync(() => { throw 'a bug' }))
        export const told = new Promise((resolve) => setTimeout(resolve, 5))`
      await tell(forked)
      expect(written.mock.calls).toEqual([['aio-ts: unhandled: fiber #1 died of a defect: a bug']])
      written.mockClear()
      const hooked = `
        import { addHooks, runTask } from 'aio-ts'
        import { succeed } from 'aio-ts/Task'
        const undo = addHooks({ fiberStarted: () => { throw 'a bad hook' } })
        export const told = runTask(succeed(1)).then(undo)`
      await tell(hooked)
      expect(written.mock.calls).toEqual([['aio-ts: unhandled: fiber #1 died of a defect: a bad hook']])
    } finally {
      written.mockRestore()
    }
  })

  it('dumps waiting fibers and their waits', async () => {
    const program = `
      import { dump, runTask } from 'aio-ts'
      import { never } from 'aio-ts/Task'
      const stop = new AbortController()
      runTask(never, { name: 'loader', signal: stop.signal }).catch(() => undefined)
      export const told = Promise.resolve().then(() => {
        try { return dump() } finally { stop.abort() }
      })`
    expect(await tell(program)).toMatch(/^fiber #1 loader {2}\d+ms {2}waits for never/)
  })
})
