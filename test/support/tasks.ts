/** Tasks that many tests are made of. */
import { Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'

/** Runs `task` after a sleep. */
export const after = <E, A>(ms: number, task: Task.Task<E, A>): Task.Task<E, A> =>
  pipe(
    Task.sleep(ms),
    Task.flatMap(() => task)
  )

export const giving = <A>(ms: number, a: A): Task.Task<never, A> => after(ms, Task.succeed(a))

export const say = (log: Array<any>, word: unknown): Task.Task<never, void> =>
  Task.sync(() => void log.push(word))

/** Says `word` after a wait: a finalizer that is cut short leaves no word. */
export const slowly = (log: Array<any>, word: string): Task.Task<never, void> => after(10, say(log, word))
