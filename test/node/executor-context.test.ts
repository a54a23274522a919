/** The async context of a request: its calls run in it, and long-lived parts of the executor do not. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { runTask, Task } from 'aio-ts'
import { right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, expect, it } from 'vitest'
import { make } from './support.js'

const als = new AsyncLocalStorage<string>()
const who = () => als.getStore() ?? 'nobody'

const started: Array<string> = []
const noteWorker = (): void => void started.push(who())
afterEach(() => void process.off('worker', noteWorker))

it('a thread is started in the context in which the executor was made, whichever call needs it first (45)', async () => {
  // Node tells of a new thread in the context in which it was started.
  process.on('worker', noteWorker)
  const executor = await als.run('maker', () => make({ size: 2 }))
  const call = (user: string) => als.run(user, () => runTask(executor.call('add', 1, 2)))
  await Promise.all([call('first'), call('second')])
  expect(started).toEqual(['maker', 'maker'])
})

it('a call continues in the context of its caller (45)', async () => {
  const executor = await als.run('maker', () => make({ size: 1 }))
  const call = (user: string) => als.run(user, () => runTask(pipe(executor.call('add', 1, 2), Task.map(who))))
  expect(await Promise.all(['a', 'b', 'c'].map(call))).toEqual(['a', 'b', 'c'].map((user) => right(user)))
})
