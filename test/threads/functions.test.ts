/** `createExecutor`: functions that cross as their text. */
import { runTask } from 'aio-ts'
import { createExecutor, type FunctionExecutor } from 'aio-ts/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defectOf, problemOf, threads, valueFrom } from './support.js'

let onThread: FunctionExecutor
beforeAll(async () => {
  onThread = await valueFrom(createExecutor({ size: 1 }))
})
afterAll(async () => {
  await runTask(onThread.asyncGroup.asyncClose())
  expect(threads()).toBe(0)
})

describe('createExecutor', () => {
  it('functions of every form', async () => {
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

  it('runs elsewhere', async () => {
    const { threadId } = await import('node:worker_threads')
    const asks = Function("return import('node:worker_threads').then((module) => module.threadId)")
    const there = await valueFrom(onThread(asks as () => Promise<number>))
    expect(there).not.toBe(threadId)
  })

  it('what it throws is a defect; so is a name from outside of it', async () => {
    const outside = 5
    expect(
      await defectOf(
        onThread(() => {
          throw new RangeError('no')
        })
      )
    ).toBeInstanceOf(RangeError)
    expect(await defectOf(onThread(() => outside))).toBeInstanceOf(ReferenceError)
  })

  it('a function without a text of its own, and what is no function', async () => {
    expect(await problemOf(onThread(Math.max, 1, 2))).toBe('NotLoaded')
    expect(await problemOf(onThread(((n: number) => n).bind(null), 1))).toBe('NotLoaded')
    expect(await defectOf((onThread as any)(42))).toBeInstanceOf(TypeError)
    expect(await valueFrom(onThread((n: number) => n, 1))).toBe(1)
  })
})
