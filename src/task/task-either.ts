/** Converts between Task and the TaskEither of fp-ts. */
import type { Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { make, Op, type Task } from '../core/node.js'
import { checkTask, runTask } from '../runtime/edge.js'
import { eitherAs } from './from-either.js'
import { promiseOf } from './from-task.js'

/**
 * Runs a TaskEither of fp-ts: a Left fails, a Right succeeds. It cannot
 * be canceled: an interruption leaves it running and ignores its result.
 */
export const fromTaskEither = <E, A>(task: TaskEither<E, A>): Task<E, A> =>
  make(Op.FlatMap, promiseOf('fromTaskEither', task), (either: Either<E, A>) =>
    eitherAs('fromTaskEither', either)
  )

/**
 * Converts a Task into a TaskEither of fp-ts, which runs the Task
 * when it is called. Interruption and defects reject its promise.
 */
export const toTaskEither = <E, A>(task: Task<E, A>): TaskEither<E, A> => {
  const wrong = checkTask('Task.toTaskEither', task)
  return () => (wrong === undefined ? runTask(task) : Promise.reject(wrong))
}
