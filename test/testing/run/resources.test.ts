/** A resource that a group has acquired and that is not released by the end of the run is a leak, reported by its name. */
import { Group, Task } from 'aio-ts'
import { type ExploreError, explore, LeakError, replay, runTest, sweepInterrupts } from 'aio-ts/testing'
import { left } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { success, summary } from '../../support/exits.js'

class Connection {
  constructor(readonly log: Array<string> = []) {
    log.push('opened')
  }
}

const close = ({ log }: Connection) => Task.sync(() => log.push('closed'))

const leakOf = async (running: Promise<unknown>): Promise<LeakError> => {
  const error = await running.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(LeakError)
  return error as LeakError
}

describe('a group that is never closed', () => {
  const forgetful = Task.gen(function* () {
    const group = yield* Group.make({ name: 'pool' })
    yield* group.acquire(Task.succeed(new Connection()), close)
    yield* Task.sleep(5)
    return 'done'
  })

  it('leaks its resource, with its name, the acquiring fiber, and advice', async () => {
    const { message } = await leakOf(runTest(forgetful))
    expect(message).toMatch(
      /^the main fiber has ended and left 1 resource behind, at 5 ms\n {2}group pool \(open\) holds a Connection, acquired by #1 main\n {2}A group releases .* close it \(asyncClose\) or make it by Task\.withGroup\n\nWho ran when:/
    )
    expect(message).toContain('await replay(task, ')
  })

  it('leaks it again in a replay', async () => {
    const { message } = await leakOf(runTest(forgetful))
    const schedule = /replay\(task, '([^']+)'\)/.exec(message)?.[1] ?? ''
    expect((await leakOf(replay(forgetful, schedule))).message).toContain('1 resource')
  })

  it('is reported with the names that lead to it', async () => {
    const open = pipe(Task.delay(1)(Task.succeed({ host: 'db' })), Task.named('open the database'))
    const program = Task.gen(function* () {
      const group = yield* Group.make()
      const starting = pipe(
        group.acquire(open, () => Task.unit),
        Task.named('start'),
        Task.named('service')
      )
      const fiber = yield* group.spawn(Task.orDie(starting), { name: 'loader' })
      yield* fiber.join()
    })
    expect((await leakOf(runTest(program))).message).toContain(
      'group (open) holds open the database (an object), acquired by #2 loader, in start, in service\n'
    )
  })

  it('is reported beside leaked fibers and timers', async () => {
    const program = Task.gen(function* () {
      const group = yield* Group.make()
      yield* group.acquire(Task.succeed(1), () => Task.unit)
      yield* group.acquire(Task.succeed('two'), () => Task.unit)
      yield* group.spawn(Task.sleep(10))
      yield* Task.sleep(5)
    })
    const { message } = await leakOf(runTest(program))
    expect(message).toMatch(/left 1 fiber, 1 timer and 2 resources behind, at 5 ms\n {2}group \(open\)\n/)
    expect(message).toMatch(/holds 1 \(a number\), .*\n.* holds "two" \(a string\), /)
  })

  it('is reported also if it belongs to another runtime, or is a subgroup', async () => {
    const outside = new Group({ name: 'outside' })
    const acquiring = outside.acquire(Task.succeed(new Connection()), close)
    expect((await leakOf(runTest(acquiring))).message).toContain('group outside (open) holds a Connection')
    const below = Task.gen(function* () {
      const group = yield* Group.make({ name: 'above' })
      const subgroup = yield* group.createSubgroup({ name: 'below' })
      yield* subgroup.acquire(Task.succeed(new Connection()), close)
    })
    expect((await leakOf(runTest(below))).message).toContain('group below (open) holds a Connection')
  })

  it('is reported with the exit of the program, if that says more', async () => {
    const failing = pipe(
      forgetful,
      Task.flatMap(() => Task.die(new Error('what a test expected')))
    )
    const error = await leakOf(runTest(failing))
    expect(error.message).toContain('what a test expected')
    expect(error.cause).toMatchObject({ message: 'what a test expected' })
  })

  it('with many resources is reported in bounded length', async () => {
    const program = Task.gen(function* () {
      const group = yield* Group.make()
      for (let index = 0; index < 5000; index++) yield* group.acquire(Task.succeed(index), () => Task.unit)
    })
    const { message } = await leakOf(runTest(program))
    expect(message).toContain('left 5000 resources behind')
    expect(message).toContain('... 4990 more')
    expect(message.split('\n').length).toBeLessThan(60)
  })
})

describe('no leak is reported', () => {
  it.each([
    ['a group that is closed', (group: Group) => group.asyncClose()],
    [
      'a group that has only begun to close, as long as that ends at once',
      (group: Group) => Task.sync(() => group.close())
    ],
    ['a group whose parent is closed', (group: Group) => group.asyncClose({ interrupt: false })]
  ])('%s', async (_, end) => {
    const log: Array<string> = []
    const program = Task.gen(function* () {
      const group = yield* Group.make()
      const subgroup = yield* group.createSubgroup()
      yield* group.acquire(
        Task.sync(() => new Connection(log)),
        close
      )
      yield* subgroup.acquire(
        Task.sync(() => new Connection(log)),
        close
      )
      yield* end(group)
    })
    for (const seed of [0, 1, 2]) await runTest(program, { seed })
    expect(log).toEqual([1, 2, 3].flatMap(() => ['opened', 'opened', 'closed', 'closed']))
  })

  it('for withGroup, a bracket, and an acquisition that fails', async () => {
    const acquiring = Task.withGroup((group: Group) => group.acquire(Task.succeed(new Connection()), close))
    expect(summary((await runTest(pipe(acquiring, Task.as('in a group')))).exit)).toEqual(
      success('in a group')
    )
    const failing = Task.gen(function* () {
      const group = yield* Group.make()
      return yield* Task.either(group.acquire(Task.fail('refused'), close))
    })
    expect(summary((await runTest(failing)).exit)).toMatchObject(success(left('refused')))
  })

  it('for the resources of a group of another program', async () => {
    const outside = new Group()
    const log: Array<string> = []
    const elsewhere = runTest(
      Task.gen(function* () {
        yield* outside.acquire(
          Task.sync(() => new Connection(log)),
          close
        )
        yield* Task.promise(() => new Promise((resolve) => setTimeout(resolve, 20)))
        yield* outside.asyncClose()
      })
    )
    await runTest(Task.sleep(1))
    await elsewhere
    expect(log).toEqual(['opened', 'closed'])
  })

  it('for groups that open and close, however many', async () => {
    const once = Task.withGroup((group: Group) => group.acquire(Task.succeed(new Connection()), close))
    await runTest(Task.forEach(() => once)(Array.from({ length: 3000 })), { yieldEvery: 1000 })
  })
})

describe('searches and sweeps', () => {
  /** Forgets to close where the second fiber comes first. */
  const racy = (log: Array<string>) => () =>
    Task.gen(function* () {
      const group = yield* Group.make()
      let isFirst = true
      const first = Task.sync(() => {
        isFirst = false
      })
      const acquire = Task.gen(function* () {
        if (isFirst) return
        yield* group.acquire(
          Task.sync(() => new Connection(log)),
          close
        )
      })
      const second = Task.gen(function* () {
        if (isFirst) yield* group.asyncClose()
      })
      yield* Task.all([first, Task.orDie(acquire), second])
    })

  it('find a leak, and leave no group open', async () => {
    const log: Array<string> = []
    const error = await explore(racy(log)).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ _tag: 'ExploreError', cause: { _tag: 'LeakError' } })
    expect((error as ExploreError).message).toContain('left 1 resource behind')
    const count = (word: string): number => log.filter((text) => text === word).length
    expect(count('opened')).toBeGreaterThan(1)
    expect(count('closed')).toBe(count('opened'))
    await leakOf(replay(racy([])(), (error as ExploreError).schedule))
  })

  it('find a leak if an interruption comes between acquiring and the code that would close', async () => {
    const make = () =>
      Task.gen(function* () {
        const group = yield* Group.make()
        yield* group.acquire(Task.succeed(new Connection()), close)
        yield* pipe(Task.sleep(1), Task.ensuring(group.asyncClose()))
      })
    const error = await sweepInterrupts(make).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ _tag: 'ExploreError', cause: { _tag: 'LeakError' } })
    expect((error as ExploreError).message).toMatch(
      /^interrupted at step \d+ of \d+, .*left 1 resource behind/
    )
  })
})
