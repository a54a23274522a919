/** Regions of a program that the books know of: in which somebody is deaf to interruption, or waits for others to end. */
import { type Exit, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { countReasons, isInterrupted, type Walker, type World } from './world.js'

export type Work = Task.Task<unknown, unknown>

/** Closed is not what the model is after: whoever finds it so goes on to his next step. */
export const unlessClosed = <E>(task: Task.Task<E, unknown>): Task.Task<never, unknown> =>
  pipe(
    task,
    Task.orElse(() => Task.unit)
  )

const counted =
  (by: 1 | -1) =>
  <E, A>({ owner }: Walker, task: Task.Task<E, A>): Task.Task<E, A> =>
    Task.suspend(() => {
      // It may be interrupted between the two.
      let isCounted = false
      return pipe(
        Task.suspend(() => {
          isCounted = true
          owner.mask(by)
          return task
        }),
        Task.onExit(() =>
          Task.sync(() => {
            if (isCounted) owner.mask(by === 1 ? -1 : 1)
          })
        )
      )
    })

/** To stand within a mask: while it runs, its owner may be deaf. */
export const masked = counted(1)

/** To stand where a mask is taken off. */
export const unmasked = counted(-1)

/** Whoever fails while being stopped, or before in an uncancellable region, hands on both, to whoever waits for it. */
export function bringsAlong({ owner }: Walker, exit: Exit.Exit<unknown, unknown>): void {
  if (!isInterrupted(exit)) return
  const { fails, dies } = countReasons(exit)
  if (fails + dies > 0) owner.interruptsItself()
}

/** Makes a side of a walker's work, so that it is known whether it has ended. */
export type Count = (by: Walker, work: Work) => Work

/** Whatever these start has ended when they do. */
export function joined(world: World, by: Walker, law: string, make: (count: Count) => Work): Work {
  let alive = 0
  const count: Count = (side, work) =>
    Task.bracket(
      Task.sync(() => {
        alive++
        side.owner.begin()
        if (!side.isDouble) world.attended.add(side.owner)
      }),
      () => work,
      (_, exit) =>
        Task.sync(() => {
          alive--
          bringsAlong(side, exit)
          world.attended.delete(side.owner)
          world.must(
            side.isDouble || side.owner.open === 0,
            `3: ${law}: a side left ${side.owner.open} finalizers`
          )
        })
    )
  return pipe(
    make(count),
    Task.onExit(() =>
      Task.sync(() => world.must(by.isDouble || alive === 0, `3: ${law} came back with ${alive} alive`))
    )
  )
}
