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
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { leftOf, reasonsOf, rightOf } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'

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
    const empty = leftOf(queue.getNowait())
    queue.putNowait(1)
    const full = leftOf(queue.putNowait(2))
    queue.close()
    const closed = leftOf(queue.putNowait(3))
    expect([empty._tag, full._tag, closed._tag]).toEqual([
      'QueueEmptyError',
      'QueueFullError',
      'QueueClosedError'
    ])
    expect(empty.message).toMatch(/empty/i)
    expect(full.message).toMatch(/full/i)
    expect(closed.message).toMatch(/closed/i)
    for (const error of [empty, full, closed]) expect(error).toBeInstanceOf(Error)
  })

  it('spawning in a closed group fails with a message that says so', async () => {
    const group = new Group()
    group.close()
    const { exit } = await runVirtual(pipe(group.spawn(Task.unit), Task.either))
    const refusal = leftOf(rightOf(exit))
    expect(refusal).toBeInstanceOf(GroupClosedError)
    expect(refusal._tag).toBe('GroupClosedError')
    expect(refusal.message).toMatch(/clos/i)
  })
})
