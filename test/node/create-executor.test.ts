/** `createExecutor`: functions that cross as their source text. */
import { runTask } from 'aio-ts'
import { createExecutor, type FunctionExecutor } from 'aio-ts/node'
import { transform } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defectFrom, valueFrom } from '../support/real-runs.js'
import { problemOf, threads } from './support.js'

let onThread: FunctionExecutor
beforeAll(async () => {
  onThread = await valueFrom(createExecutor({ size: 1 }))
})
afterAll(async () => {
  await runTask(onThread.asyncGroup.asyncClose())
  expect(threads()).toBe(0)
})

describe('createExecutor', () => {
  it('accepts functions of every form', async () => {
    const object = {
      method(n: number) {
        return n + 1
      },
      async later(n: number) {
        return n + 2
      }
    }
    function declared(n: number): number {
      return n + 3
    }
    expect(await valueFrom(onThread((n: number) => n * 2, 1))).toBe(2)
    expect(await valueFrom(onThread(object.method, 1))).toBe(2)
    expect(await valueFrom(onThread(object.later, 1))).toBe(3)
    expect(await valueFrom(onThread(declared, 1))).toBe(4)
    // It ends in a comment.
    expect(await valueFrom(onThread(Function('n', 'return n + 4 // done') as (n: number) => number, 1))).toBe(
      5
    )
  })

  it('runs them on another thread', async () => {
    const { threadId } = await import('node:worker_threads')
    const asks = Function("return import('node:worker_threads').then((module) => module.threadId)")
    const there = await valueFrom(onThread(asks as () => Promise<number>))
    expect(there).not.toBe(threadId)
  })

  it('makes a throw a defect, and a reference to an outer name', async () => {
    const outside = 5
    expect(
      await defectFrom(
        onThread(() => {
          throw new RangeError('no')
        })
      )
    ).toBeInstanceOf(RangeError)
    expect(await defectFrom(onThread(() => outside))).toBeInstanceOf(ReferenceError)
  })

  it('explains a reference to an outer name', async () => {
    const outside = 5
    expect(
      await defectFrom(
        onThread(function reads() {
          return outside
        })
      )
    ).toMatchObject({
      message: expect.stringMatching(
        /^outside is not defined in the function reads: only its own text crosses.*Pass it as an argument/
      ),
      cause: expect.any(ReferenceError)
    })
    for (const helper of ['__async', '_async_to_generator', '_asyncToGenerator', 'tslib_1', '__awaiter']) {
      const compiled = Function(`return ${helper}(1)`) as () => unknown
      expect(await defectFrom(onThread(compiled))).toMatchObject({
        message: expect.stringMatching(new RegExp(`^${helper} is not defined .*helper.*compile for ES2022`))
      })
    }
  })

  it('refuses a function without source text, and a value that is no function', async () => {
    expect(await problemOf(onThread(Math.max, 1, 2))).toBe('NotLoaded')
    expect(await problemOf(onThread(((n: number) => n).bind(null), 1))).toBe('NotLoaded')
    expect(await defectFrom((onThread as any)(42))).toBeInstanceOf(TypeError)
    expect(await valueFrom(onThread((n: number) => n, 1))).toBe(1)
  })
})

describe('functions transformed by tools', () => {
  /** What a module of that text exports, after esbuild has had it as tsx does. */
  const throughEsbuild = async (text: string): Promise<any> => {
    const { code } = await transform(text, { loader: 'ts', format: 'esm', keepNames: true, target: 'node20' })
    expect(code).toContain('__name(')
    return import(`data:text/javascript,${encodeURIComponent(code)}`)
  }

  it('keep the helper of esbuild for names on the thread', async () => {
    const { sum, names, later } = await throughEsbuild(`
      export const sum = (numbers: number[]) => {
        function add(a: number, b: number) { return a + b }
        const twice = (n: number) => n * 2
        class Sum { total = 0; take = (n: number) => { this.total = add(this.total, twice(n)) } }
        const sum = new Sum()
        numbers.forEach(sum.take)
        return sum.total
      }
      export function names() {
        const inner = () => 1
        class Kept {}
        return [inner.name, Kept.name, (function own() {}).name]
      }
      export const later = async (n: number) => { const plus = async (m: number) => n + m; return plus(1) }`)
    expect(await valueFrom(onThread(sum, [1, 2, 3]))).toBe(12)
    expect(await valueFrom(onThread(names))).toEqual(['inner', 'Kept', 'own'])
    expect(await valueFrom(onThread(later, 1))).toBe(2)
  })

  it('run with the counters of a coverage tool, which count nothing', async () => {
    const counted = `(n) => { cov_1x2y3z4a5b().f[0]++; const twice = (cov_1x2y3z4a5b().s[3]++, n * 2);
      cov_1x2y3z4a5b().s[4]++; if (twice > 2) { cov_1x2y3z4a5b().b[0][0]++; } else { cov_1x2y3z4a5b().b[0][1]++; }
      return cov_1x2y3z4a5b().s[5]++, twice }`
    const older =
      '(n) => { cov_abcdef123.f[0]++; cov_abcdef123.s[1]++; return n > 1 ? (cov_abcdef123.b[1][0]++, n) : n }'
    const read = (text: string): any => Function(`return ${text}`)()
    expect(await valueFrom(onThread(read(counted), 4))).toBe(8)
    expect(await valueFrom(onThread(read(older), 4))).toBe(4)
  })

  it('run with the function that vitest substitutes for import()', async () => {
    const there = async () => (await import('node:worker_threads')).isMainThread
    expect(String(there)).toContain('__vite_ssr_dynamic_import__')
    expect(await valueFrom(onThread(there))).toBe(false)
  })
})
