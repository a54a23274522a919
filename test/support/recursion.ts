/** A Task that recurses deeply. */
import { Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'

/** Counts `n` frames on its way back: recursion that is not in tail position, through suspend and map. */
export const recursion = (n: number): Task.Task<never, number> =>
  n === 0
    ? Task.succeed(0)
    : pipe(
        Task.suspend(() => recursion(n - 1)),
        Task.map((below) => below + 1)
      )
