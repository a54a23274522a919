/** What crosses the cluster, and that the local executor behaves the same. */
import { inspect } from 'node:util'
import type { Task } from 'aio-ts'
import { LocalExecutor } from 'aio-ts/executor'
import { describe, expect, it, vi } from 'vitest'
import { defectOf, Fail, failure, success, summary } from '../support/exits.js'
import { failureFrom, run, valueFrom } from '../support/real-runs.js'
import * as jobs from './fixtures/jobs.mjs'
import { call, newQueue, serve } from './support.js'

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
  it('pass the same values, and refuse the same with the same messages', async () => {
    const [remote, local] = await both()
    for (const name of Object.keys(jobs.oddValues) as Array<keyof typeof jobs.oddValues>) {
      for (const callOf of [
        (executor: Caller) => executor.call('same', jobs.oddValues[name]),
        (executor: Caller) => executor.call('gives', name)
      ]) {
        const far = summary(await run(callOf(remote)))
        expect(summary(await run(callOf(local))), name).toEqual(far)
        if (name === 'fine') expect(far).toEqual(success({ a: [1, 'two', null] }))
        else expect(far).toMatchObject(failure(Fail({ problem: 'NotCloneable' })))
      }
    }
  })

  it('end with the same defect if an HTTP client fails, without any data of its request', async () => {
    for (const executor of await both()) {
      const defect: any = defectOf(await run(executor.call('rejects', undefined)))
      expect(defect).toBeInstanceOf(TypeError)
      expect(defect).toMatchObject({ message: 'status code 500', cause: { message: 'socket hang up' } })
      expect(defect.stack).toContain('jobs.mjs')
      expect(inspect(defect, { depth: 10, showHidden: true })).not.toContain('Bearer')
    }
  })
})

it('a defect stays a defect if its data exceeds the limit of an answer', async () => {
  const place = newQueue()
  await serve(place, { maxBytes: 1000 })
  const executor = await call(place)
  const defect: any = defectOf(await run(executor.call('dies', 5_000)))
  expect(defect).toBeInstanceOf(RangeError)
  expect(defect.message).toMatch(/^x+$/)
})

it('no message contains control sequences of a name, or megabytes of it', async () => {
  const place = newQueue()
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  await serve(place, { maxReturns: 0 })
  const executor: any = await call(place, { maxBytes: 1000 })
  const name = `\u001b[31m${'x'.repeat(1_000_000)}`
  for (const input of ['x'.repeat(2000), 'fits', Number.NaN]) {
    const { message } = await failureFrom<any>(executor.call(name, input))
    expect(message).toMatch(/^the (payload|input|worker refused)/)
    expect(message.length).toBeLessThan(400)
    expect(message).not.toContain('\u001b')
  }
  const [words] = printed.mock.calls[0] ?? []
  expect(words).toContain('was refused')
  expect(words.length).toBeLessThan(600)
  expect(words).not.toContain('\u001b')
  printed.mockRestore()
})
