/** Between Tasks and fp-ts's TaskEither. */
import type { Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { make, Op, type Task } from '../core/node.js'
import { checkTask, runTask } from '../runtime/edge.js'
import { eitherAs } from './from-either.js'
import { promiseOf } from './from-task.js'

/**
 * Runs an fp-ts TaskEither. It cannot be cancelled: an interruption leaves it running and ignores its end.
 */
export const fromTaskEither = <E, A>(task: TaskEither<E, A>): Task<E, A> =>
  make(Op.FlatMap, promiseOf('fromTaskEither', task), (either: Either<E, A>) =>
    eitherAs('fromTaskEither', either)
  )

/** An fp-ts TaskEither that runs the task when it is called. Interruptions and defects reject the promise. */
export const toTaskEither = <E, A>(task: Task<E, A>): TaskEither<E, A> => {
  const wrong = checkTask('Task.toTaskEither', task)
  return () => (wrong === undefined ? runTask(task) : Promise.reject(wrong))
}
