/** The exit of a task that is interrupted. */
import { type Exit, Group, Task } from 'aio-ts'
import { expect } from 'vitest'
import { type Summary, summary } from './exits.js'
import { runVirtual } from './kit.js'
import { Machine } from './machine.js'

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

/** Starts `task`, runs it until it waits, interrupts it, and gives the summary of its exit. */
export const interruptedAtWait = async <E, A>(task: Task.Task<E, A>, again = 0): Promise<Summary> => {
  const machine = new Machine()
  const fiber = machine.fork(task)
  await machine.settle()
  for (let i = 0; i <= again; i++) fiber.interruptNowait()
  const exit = summary(await machine.finish(fiber))
  expect(machine.leftovers()).toBe('')
  return exit
}
