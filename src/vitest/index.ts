/**
 * The public module `aio-ts/vitest`: vitest tests that are Tasks. The controlled run itself is implemented in
 * `aio-ts/testing`.
 */
import { test as vitestTest } from 'vitest'
import { type TaskTest, withTask } from './task-test.js'

/**
 * vitest's `test` with an additional `test.task`: a test that is a Task and runs on virtual time, scheduled
 * by a seed. The Task may fail with any error. The test fails if the Task fails, dies, is interrupted,
 * deadlocks or leaks, with the error itself, the seed and the schedule of the run.
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

/** An alias of `test`, with `it.task` for tests that are Tasks. */
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
