/** How a task ends that is interrupted. */
import { type Exit, Group, Task } from 'aio-ts'
import { summary } from './exits.js'
import { runVirtual } from './kit.js'

/** The end of `task`, which is interrupted after 5 ms, and the causes that were reported. */
export const interruptedAt5 = async <E, A>(task: Task.Task<E, A>) => {
  let exit: Exit.Exit<E, A> | undefined
  const run = await runVirtual(
    Task.gen(function* () {
      const group = yield* Group.make<E>({ onFailure: () => undefined })
      const fiber = yield* group.spawn(task)
      yield* Task.sleep(5)
      exit = yield* fiber.interrupt()
      yield* group.asyncClose()
    })
  )
  if (exit === undefined) throw new Error('it has not ended')
  return { exit: summary(exit), reports: run.reports }
}
