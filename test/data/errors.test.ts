/** Every error of the library can be told apart by its tag, by its class, and by its message. */
import {
  Group,
  GroupClosedError,
  InterruptedError,
  Queue,
  QueueClosedError,
  QueueEmptyError,
  QueueFullError,
  runTask,
  Task,
  TimeoutError
} from 'aio-ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { runVirtual } from '../support/kit.js'
import { reasonsOf } from './exits.js'

const classes = {
  GroupClosedError,
  InterruptedError,
  QueueClosedError,
  QueueEmptyError,
  QueueFullError,
  TimeoutError
}

describe('errors of the library (40)', () => {
  it.each(Object.entries(classes))('%s extends Error', (name, Class) => {
    expect(Class.prototype).toBeInstanceOf(Error)
    expect(Class.name).toBe(name)
  })

  it('a timeout has its milliseconds and its tag', async () => {
    const { exit } = await runVirtual(pipe(Task.never, Task.timeout(250)))
    const reason = reasonsOf(exit)[0]
    if (reason?._tag !== 'Fail') throw new Error('expected a typed failure')
    expect(reason.error).toBeInstanceOf(TimeoutError)
    expect(reason.error).toBeInstanceOf(Error)
    expect(reason.error._tag).toBe('TimeoutError')
    expect(reason.error.name).toBe('TimeoutError')
    expect(reason.error.ms).toBe(250)
    expect(reason.error.message).toContain('250')
  })

  it('an interrupted run rejects with its cause and its tag', async () => {
    const rejected: unknown = await runTask(Task.interrupt).catch((reason: unknown) => reason)
    if (!(rejected instanceof InterruptedError)) throw new Error('expected an InterruptedError')
    expect(rejected).toBeInstanceOf(Error)
    expect(rejected._tag).toBe('InterruptedError')
    expect(rejected.name).toBe('InterruptedError')
    expect(rejected.cause.reasons[0]._tag).toBe('Interrupt')
    expect(rejected.message.toLowerCase()).toContain('interrupt')
  })

  it('the errors of a queue have their tags and a message', () => {
    const queue = new Queue<number>(1)
    const empty = queue.getNowait()
    queue.putNowait(1)
    const full = queue.putNowait(2)
    queue.close()
    const closed = queue.putNowait(3)
    if (!isLeft(empty) || !isLeft(full) || !isLeft(closed)) throw new Error('expected three refusals')
    expect([empty.left._tag, full.left._tag, closed.left._tag]).toEqual([
      'QueueEmptyError',
      'QueueFullError',
      'QueueClosedError'
    ])
    expect(empty.left.message).toMatch(/empty/i)
    expect(full.left.message).toMatch(/full/i)
    expect(closed.left.message).toMatch(/closed/i)
    for (const error of [empty.left, full.left, closed.left]) expect(error).toBeInstanceOf(Error)
  })

  it('spawning in a closed group fails with a message that says so', async () => {
    const group = new Group()
    group.close()
    const { exit } = await runVirtual(pipe(group.spawn(Task.unit), Task.either))
    if (isLeft(exit) || !isLeft(exit.right)) throw new Error('expected a refusal')
    expect(exit.right.left).toBeInstanceOf(GroupClosedError)
    expect(exit.right.left._tag).toBe('GroupClosedError')
    expect(exit.right.left.message).toMatch(/clos/i)
  })
})
