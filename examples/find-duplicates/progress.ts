/**
 * Shows on stderr how far the search is: on a terminal by a line that is redrawn, elsewhere by a plain line now and then.
 *
 * ora controls the terminal: it hides the cursor and shows it again, and clears what was drawn, however it wrapped. The bar
 * is part of ora's text. It appears when the walk has ended, since until then the total is unknown.
 */

import { Schedule, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import type { Ora } from 'ora'
import type { Tally } from './tally.js'
import { count, sizeInWords } from './wording.js'

/** The part of stderr that the display needs. */
export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const usualColumns = 80
const redrawEvery = 100
const lineEvery = 5_000

/** Runs until it is interrupted. */
export const showProgress = (tally: Tally, stream: NodeJS.WriteStream): Task.Task<never, unknown> =>
  stream.isTTY && process.env.TERM !== 'dumb' ? drawBar(tally, stream) : writeLines(tally, stream)

const drawBar = (tally: Tally, stream: NodeJS.WriteStream): Task.Task<never, unknown> => {
  const { columns } = stream
  return Task.bracket(
    // Loaded only if there is a terminal to draw on.
    Task.promise(async (): Promise<Ora> => {
      const { default: ora } = await import('ora')
      // A terminal that does not know its width reports 0, with which ora would count lines without end.
      if (columns === 0) stream.columns = usualColumns
      // With discardStdin ora would take over the keyboard, and with it Ctrl-C, which the program handles itself.
      return ora({
        stream,
        isEnabled: true,
        discardStdin: false,
        text: barText(tally, stream.columns)
      }).start()
    }),
    (spinner) =>
      pipe(
        Task.sync(() => {
          spinner.text = barText(tally, stream.columns)
        }),
        Task.repeat(Schedule.spaced(redrawEvery))
      ),
    (spinner) =>
      Task.sync(() => {
        spinner.stop()
        if (columns === 0) stream.columns = columns
      })
  )
}

export const writeLines = (tally: Tally, stream: Screen): Task.Task<never, unknown> =>
  pipe(
    Task.sync(() => stream.write(`${progressText(tally)}\n`)),
    Task.delay(lineEvery),
    Task.forever
  )

const barWidth = 24

/** Fits on one line of the terminal, with room for the spinner before it. */
export const barText = (tally: Tally, columns = usualColumns): string => {
  const part = shareSettled(tally)
  const filled = Math.round(part * barWidth)
  const bar = tally.walked ? `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ` : ''
  return `${bar}${progressText(tally)}`.slice(0, Math.max(0, columns - 3))
}

export const progressText = (tally: Tally): string => {
  const { files, folders, settled, expected, walked } = tally
  if (!walked) {
    return `${count(files, 'file')} in ${count(folders, 'folder')} found, ${sizeInWords(settled)} compared`
  }
  const percent = Math.floor(shareSettled(tally) * 100)
  return `${percent}% of ${sizeInWords(expected)} compared`
}

const shareSettled = ({ settled, expected }: Tally): number =>
  expected === 0 ? 1 : Math.min(1, settled / expected)
