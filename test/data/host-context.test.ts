/** Where async contexts come from: `AsyncContext` where the host has it, Node's `AsyncResource`, or nowhere. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  vi.resetModules()
})

const als = new AsyncLocalStorage<string>()
const who = () => als.getStore() ?? 'nobody'

/** Loads the library as the host is now, and runs two programs that overlap. */
async function overlapping(): Promise<ReadonlyArray<unknown>> {
  vi.resetModules()
  const { runTask, Task } = await import('../../src/index.js')
  const { inHostContext } = await import('../../src/task/host-context.js')
  const program = Task.gen(function* () {
    const first = who()
    yield* Task.sleep(1)
    const inner = yield* inHostContext((capture) => als.run('inner', capture), Task.sync(who))
    const [child] = yield* Task.all([pipe(Task.yieldNow, Task.map(who))])
    return [first, inner, child, who()].join()
  })
  return Promise.all(['a', 'b'].map((user) => als.run(user, () => runTask(program))))
}

const apart = [right('a,inner,a,a'), right('b,inner,b,b')]

test('host contexts come from Node', async () => {
  expect(await overlapping()).toEqual(apart)
})

test('host contexts come from AsyncContext first', async () => {
  let taken = 0
  class Snapshot {
    private readonly enter = AsyncLocalStorage.snapshot()
    constructor() {
      taken++
    }
    run<Args extends ReadonlyArray<unknown>, A>(f: (...args: Args) => A, ...args: Args): A {
      return this.enter(f, ...args) as A
    }
  }
  vi.stubGlobal('AsyncContext', { Snapshot })
  expect(await overlapping()).toEqual(apart)
  expect(taken).toBeGreaterThan(0)
})

test.each([
  ['no builtin modules', () => undefined],
  ['a module without AsyncResource', () => ({})],
  [
    'modules that it does not let us have',
    () => {
      throw new Error('no')
    }
  ]
])('a host with %s has none, and programs run without', async (_, getBuiltinModule) => {
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(
    getBuiltinModule as typeof process.getBuiltinModule
  )
  const seen = await overlapping()
  expect(seen.map((result) => (result as { readonly _tag: string })._tag)).toEqual(['Right', 'Right'])
  expect(seen).not.toEqual(apart)
})
