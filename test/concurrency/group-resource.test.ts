/** `Resource`: a user's class with the lifetime of a group of its own. */
import { setImmediate as macrotask } from 'node:timers/promises'
import { type Fiber, Group, Resource, runTask, runTaskExit, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, test } from 'vitest'
import { failure, Interrupt, rightOf, summary } from '../support/exits.js'
import { inEveryMode, settled } from '../support/modes.js'

/** Keeps itself alive with a beat, and notes its end. */
class Connection extends Resource {
  readonly log: Array<string> = []
  private constructor(private readonly group: Group<never>) {
    super()
  }

  static open(endMs = 0): Task.Task<never, Connection> {
    return Task.gen(function* () {
      const connection = new Connection(yield* Group.make({ name: 'connection' }))
      yield* Task.orDie(
        connection.group.spawn(
          pipe(
            Task.forever(
              pipe(
                Task.sleep(10),
                Task.map(() => void connection.log.push('beat'))
              )
            ),
            Task.ensuring(
              pipe(
                Task.sleep(endMs),
                Task.map(() => void connection.log.push('end'))
              )
            )
          )
        )
      )
      return connection
    })
  }

  override get asyncGroup(): Group<never> {
    return this.group
  }
}

const stateOf = (resource: Resource) => [resource.isOpen, resource.isClosing, resource.isClosed]

describe("a user's class that is a Resource", () => {
  inEveryMode('has the states of its group', () =>
    Task.gen(function* () {
      const connection = yield* Connection.open(20)
      expect(connection).toBeInstanceOf(Resource)
      expect(stateOf(connection)).toEqual([true, false, false])
      yield* Task.sleep(35)
      connection.close()
      expect(stateOf(connection)).toEqual([false, true, false])
      expect(stateOf(connection.asyncGroup)).toEqual([false, true, false])
      yield* connection.waitClosing()
      expect(connection.isClosed).toBe(false)
      yield* connection.waitClosed()
      expect(stateOf(connection)).toEqual([false, true, true])
      expect(connection.log).toEqual(['beat', 'beat', 'beat', 'end'])
    })
  )

  inEveryMode('is closed with asyncClose() only after its finalizers have run (9)', () =>
    Task.gen(function* () {
      const connection = yield* Connection.open(50)
      yield* settled
      yield* connection.asyncClose()
      expect(connection.log).toEqual(['end'])
      expect(connection.isClosed).toBe(true)
    })
  )

  inEveryMode(
    'accepts all options of close: no interruption, grace, and a later close() that ends both (20)',
    () =>
      Task.gen(function* () {
        const connection = yield* Connection.open()
        yield* settled
        connection.close({ interrupt: false })
        yield* Task.sleep(14)
        expect([connection.log, connection.isClosed]).toEqual([['beat'], false])
        connection.close({ graceMs: 10 })
        yield* connection.waitClosed()
        expect(connection.log).toEqual(['beat', 'beat', 'end'])
      })
  )

  inEveryMode('closes with the group that contains its group (18)', () =>
    Task.gen(function* () {
      class Part extends Resource {
        constructor(readonly asyncGroup: Group<never>) {
          super()
        }
      }
      const whole = yield* Group.make()
      const part = new Part(yield* whole.createSubgroup())
      const fiber: Fiber<never, never> = yield* part.asyncGroup.spawn(Task.never)
      yield* settled
      whole.close()
      expect(part.isClosing).toBe(true)
      yield* part.waitClosed()
      expect(summary(yield* fiber.wait())).toEqual(failure(Interrupt))
    })
  )

  test('is closed by its Symbol.asyncDispose, which resolves when it is closed', async () => {
    const connection = rightOf(await runTask(Connection.open(5)))
    await macrotask()
    const disposed = connection[Symbol.asyncDispose]()
    expect(disposed).toBeInstanceOf(Promise)
    expect(await disposed).toBe(undefined)
    expect(stateOf(connection)).toEqual([false, true, true])
    expect(connection.log).toContain('end')
    await connection[Symbol.asyncDispose]()
  })

  test('works with `await using`: it is closed at the end of its block, also after a throw', async () => {
    const seen: Array<Connection> = []
    const block = async (thrown: boolean): Promise<void> => {
      await using connection = rightOf(await runTask(Connection.open()))
      seen.push(connection)
      await macrotask()
      expect(connection.isOpen).toBe(true)
      if (thrown) throw new Error('left by a throw')
    }
    await block(false)
    await expect(block(true)).rejects.toThrow('left by a throw')
    expect(seen.map(stateOf)).toEqual([
      [false, true, true],
      [false, true, true]
    ])
  })

  test('keeps closing if an AbortSignal aborts the wait for asyncClose() (25)', async () => {
    const connection = rightOf(await runTask(Connection.open(5)))
    await macrotask()
    const controller = new AbortController()
    const closing = runTaskExit(connection.asyncClose(), { signal: controller.signal })
    await macrotask()
    controller.abort()
    expect(summary(await closing)).toEqual(failure(Interrupt))
    await runTask(connection.waitClosed())
    expect(connection.log).toContain('end')
  })
})
