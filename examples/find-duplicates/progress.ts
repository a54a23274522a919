/**
 * How far the search is, on stderr: on a terminal a line that is drawn anew, elsewhere a plain line now and then.
 *
 * The terminal's side (hiding the cursor and bringing it back, clearing what was drawn however it wrapped) is ora's. The
 * bar is its text, because how much there is to read is unknown until the walk has ended; until then it has none.
 */

import { Schedule, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import type { Ora } from 'ora'
import type { Tally } from './tally.js'
import { count, sizeInWords } from './wording.js'

/** What the display needs of stderr. */
export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const usualColumns = 80
const redrawEvery = 100
const lineEvery = 5_000

/** Goes on until it is interrupted. */
export const showProgress = (tally: Tally, stream: NodeJS.WriteStream): Task.Task<never, unknown> =>
  stream.isTTY && process.env.TERM !== 'dumb' ? drawBar(tally, stream) : writeLines(tally, stream)

const drawBar = (tally: Tally, stream: NodeJS.WriteStream): Task.Task<never, unknown> => {
  const { columns } = stream
  return Task.bracket(
    // Loaded where there is a terminal to draw on, and only there.
    Task.promise(async (): Promise<Ora> => {
      const { default: ora } = await import('ora')
      // A terminal that does not know its width says 0, and ora would count lines without end.
      if (columns === 0) stream.columns = usualColumns
      // With discardStdin ora would take over the keyboard, and with it Ctrl-C: that one belongs to the program.
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
