/** What crosses over the cluster, and that the local executor says the same. */
import { inspect } from 'node:util'
import type { Task } from 'aio-ts'
import { LocalExecutor } from 'aio-ts/executor'
import { describe, expect, it } from 'vitest'
import { tell } from '../data/exits.js'
import * as jobs from './fixtures/jobs.mjs'
import { call, newQueue, run, serve, valueFrom } from './support.js'

/** Both have the same calls; of what type they are is no matter here. */
interface Caller {
  call(name: 'same' | 'gives' | 'rejects', input: unknown): Task.Task<unknown, unknown>
}

const both = async (): Promise<[remote: Caller, local: Caller]> => {
  const place = newQueue()
  await serve(place, { maxBytes: 100_000 })
  return [(await call(place)) as any, (await valueFrom(LocalExecutor.make(jobs))) as any]
}

describe('the local executor and the cluster', () => {
  it('carry the same values, and refuse the same with the same words', async () => {
    const [remote, local] = await both()
    for (const name of Object.keys(jobs.oddValues) as Array<keyof typeof jobs.oddValues>) {
      for (const callOf of [
        (executor: Caller) => executor.call('same', jobs.oddValues[name]),
        (executor: Caller) => executor.call('gives', name)
      ]) {
        const far = tell(await run(callOf(remote)))
        expect(tell(await run(callOf(local))), name).toEqual(far)
        if (name === 'fine') expect(far).toEqual({ value: { a: [1, 'two', null] } })
        else expect(far).toMatchObject({ reasons: [{ Fail: { problem: 'NotCloneable' } }] })
      }
    }
  })

  it('end with the same defect where an HTTP client fails, and nothing of its request crosses', async () => {
    for (const executor of await both()) {
      const told: any = tell(await run(executor.call('rejects', undefined)))
      const defect = told.reasons[0].Die
      expect(defect).toBeInstanceOf(TypeError)
      expect(defect).toMatchObject({ message: 'status code 500', cause: { message: 'socket hang up' } })
      expect(defect.stack).toContain('jobs.mjs')
      expect(inspect(defect, { depth: 10, showHidden: true })).not.toContain('Bearer')
    }
  })
})

it('a defect stays one also where the whole of it is larger than an answer may be', async () => {
  const place = newQueue()
  await serve(place, { maxBytes: 1000 })
  const executor = await call(place)
  const told: any = tell(await run(executor.call('dies', 5_000)))
  expect(told.reasons[0].Die).toBeInstanceOf(RangeError)
  expect(told.reasons[0].Die.message).toMatch(/^x+$/)
})
