/** The async context of jobs in the caller's own thread. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { runTask, Task } from 'aio-ts'
import { LocalExecutor } from 'aio-ts/executor'
import { right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { expect, test } from 'vitest'
import { rightOf } from '../support/exits.js'

const als = new AsyncLocalStorage<string>()
const who = () => als.getStore() ?? 'nobody'

test('a job has the async context of its caller, also after other callers (45)', async () => {
  const jobs = { atOnce: who, later: () => pipe(Task.sleep(1), Task.map(who)) }
  const made = await als.run('maker', () => runTask(LocalExecutor.make(jobs)))
  const executor = rightOf(made)
  const call = (user: string) =>
    als.run(user, () => runTask(Task.all([executor.call('later'), executor.call('atOnce'), Task.sync(who)])))
  const users = ['a', 'b', 'c']
  expect(await Promise.all(users.map(call))).toEqual(users.map((user) => right([user, user, user])))
  await runTask(executor.asyncClose())
})
