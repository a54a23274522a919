/**
 * The public module `aio-ts/vitest`: vitest tests that are Tasks. Everything of the controlled run itself is
 * in `aio-ts/testing`.
 */
import { test as vitestTest } from 'vitest'
import { type TaskTest, withTask } from './task-test.js'

/**
 * vitest's `test`, and `test.task` beside it: a test that is a Task, on virtual time, whose turn it is by a
 * seed. The task may fail with anything; where it fails, dies, is interrupted, waits for what never comes or
 * leaves something behind, the test fails, with the error itself, its seed and its schedule.
 *
 * ```ts no-run
 * import { Queue, Task } from 'aio-ts'
 * import { test } from 'aio-ts/vitest'
 * import { expect } from 'vitest'
 *
 * test.task('an item comes out as it went in', () =>
 *   Task.gen(function* () {
 *     const queue = yield* Queue.make<number>()
 *     yield* queue.put(1)
 *     yield* Task.sleep(3_600_000)
 *     expect(yield* queue.get()).toBe(1)
 *   })
 * )
 * ```
 */
export const test: typeof vitestTest & { readonly task: TaskTest } = withTask(vitestTest)

/** An alias of `test`. */
export const it: typeof test = test

export { TaskFailedError } from './failure.js'
export {
  type EachTaskTester,
  type TaskTest,
  type TaskTester,
  type TaskTestOptions,
  type Tested,
  withTask
} from './task-test.js'
