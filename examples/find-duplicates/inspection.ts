/**
 * The inspector: a page that shows the search at work. What is needed for it is loaded only where somebody asks for it.
 *
 * A search is often over before a browser is open, so it stays after the search, with what it noted, until Ctrl-C.
 */
import { Task } from 'aio-ts'
import type { InspectError, Inspector } from 'aio-ts/inspect'
import { interruptOnSignals } from 'aio-ts/node'
import { pipe } from 'fp-ts/lib/function.js'

/** Runs `task` with the inspector open on `port` (0: any free one), if there is one; `tell` says where, and that it stays. */
export const inspecting =
  (port: number | undefined, tell: (text: string) => Task.Task<never, unknown>) =>
  <E>(task: Task.Task<E, void>): Task.Task<E | InspectError, void> => {
    if (port === undefined) return task
    return Task.gen(function* () {
      const { inspect } = yield* Task.promise(() => import('aio-ts/inspect'))
      yield* Task.bracket(
        inspect({ port, title: 'find-duplicates', keepAlive: true }),
        (inspector) =>
          Task.gen(function* () {
            yield* tell(`inspector: ${inspector.url}\n`)
            yield* task
            yield* tell('The search is over. The inspector stays until Ctrl-C.\n')
            yield* untilCtrlC(inspector)
          }),
        (inspector) => inspector.asyncClose()
      )
    })
  }

/** The search has come to its end by then, so this Ctrl-C breaks nothing off. */
const untilCtrlC = (inspector: Inspector): Task.Task<never, unknown> =>
  pipe(inspector.waitClosed(), Task.named('until Ctrl-C'), interruptOnSignals(), Task.exit)
