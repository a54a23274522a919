// `aio-ts/vitest`: any task is a test, whatever it fails with; cases and fixtures are known by their types.
import { Task } from 'aio-ts'
import { type TaskTest, test, withTask } from 'aio-ts/vitest'
import { expectAssignable, expectError, expectType } from 'tsd'
import { test as base, type TestContext } from 'vitest'
import { loaded } from './fixtures.js'

expectType<void>(test.task('a task', loaded))
expectType<void>(test.task('a function', () => loaded, { seed: 1, runs: 10, timeout: 1000, retry: 2 }))
test.task('a context', (context) => {
  expectAssignable<TestContext>(context)
  return loaded
})
expectError(test.task('no task', 1))
expectError(test.task('no task', () => 1))
expectError(test.task('a promise', async () => loaded))
expectError(test.task('an unknown option', loaded, { seeds: 1 }))
expectError(test.task(loaded))

expectAssignable<TaskTest>(test.task.only)
expectAssignable<TaskTest>(test.task.skip.fails)
test.task.skipIf(process.platform === 'win32')('skipped', loaded)
expectType<void>(test.task.todo('later'))
expectError(test.task.todo('later', loaded))

test.task.each([
  [1, 'one'],
  [2, 'two']
])('pairs', (n, word) => {
  expectType<number>(n)
  expectType<string>(word)
  return loaded
})
test.task.each(['a', 'b'])('items', (letter) => {
  expectType<string>(letter)
  return loaded
})
test.task.for([{ a: 1 }])('for', (item, context) => {
  expectType<{ a: number }>(item)
  expectAssignable<TestContext>(context)
  return loaded
})

const extended = withTask(base.extend<{ port: number }>({ port: 1 }))
extended.task('a fixture', ({ port }) => {
  expectType<number>(port)
  return Task.unit
})
expectError(test.task('no such fixture', ({ port }) => Task.succeed(port)))

// vitest's own are as they were.
expectType<typeof base.only>(test.only)
expectError(base.task)
