/**
 * The inspector: a page that shows the search at work. Its module is loaded only if the user asks for the page.
 *
 * A search is often over before a browser is open, so the inspector stays after the search, with what it has recorded,
 * until Ctrl-C.
 */
import { Task } from 'aio-ts'
import type { InspectError, Inspector } from 'aio-ts/inspect'
import { interruptOnSignals } from 'aio-ts/node'
import { pipe } from 'fp-ts/lib/function.js'

/**
 * Runs `task` with the inspector open on `port` (0: any free one), or without an inspector if `port` is undefined. `tell`
 * prints the address, and afterwards that the inspector stays.
 */
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

/** Ends with the first Ctrl-C. The search is over by then, so that nothing is lost. */
const untilCtrlC = (inspector: Inspector): Task.Task<never, unknown> =>
  pipe(inspector.waitClosed(), Task.named('until Ctrl-C'), interruptOnSignals(), Task.exit)
