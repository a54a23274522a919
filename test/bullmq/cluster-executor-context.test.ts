/** The async contexts of a caller and of a worker: a job is part neither of the request that called it, nor of an earlier one. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { runTask, Task } from 'aio-ts'
import { ClusterExecutor, serveJobs } from 'aio-ts/bullmq'
import { job } from 'aio-ts/executor'
import { isRight, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { expect, it } from 'vitest'
import { valueFrom } from '../support/real-runs.js'
import { newQueue } from './support.js'

const als = new AsyncLocalStorage<string>()
const who = () => als.getStore() ?? 'nobody'

it('jobs and refusals run in the context in which the server was made, calls continue in that of their caller (45)', async () => {
  const place = newQueue()
  const text = { input: t.undefined, output: t.string }
  const jobs = {
    atOnce: job(text, who),
    later: job(text, () =>
      pipe(
        Task.sleep(5),
        Task.flatMap(() => Task.sync(who))
      )
    )
  }
  const refusals: Array<string> = []
  const onRefused = (): void => void refusals.push(who())
  const server = await als.run('server', () => valueFrom(serveJobs(jobs, { ...place, onRefused })))
  const all = { ...jobs, missing: job(text, who) }
  const executor = await als.run('maker', () =>
    valueFrom(ClusterExecutor.make<typeof all>({ ...place, jobs: all }))
  )
  try {
    const call = (user: string, name: keyof typeof all) =>
      als.run(user, () =>
        runTask(
          pipe(
            Task.exit(executor.call(name, undefined)),
            Task.map((exit) => [isRight(exit) ? exit.right : exit._tag, who()])
          )
        )
      )
    const seen = await Promise.all([
      call('a', 'atOnce'),
      call('b', 'later'),
      call('c', 'missing'),
      call('d', 'later')
    ])
    expect(seen).toEqual([
      right(['server', 'a']),
      right(['server', 'b']),
      right(['Left', 'c']),
      right(['server', 'd'])
    ])
    expect(refusals).toEqual(['server'])
  } finally {
    await valueFrom(executor.asyncClose())
    await valueFrom(server.asyncClose())
  }
})
