/**
 * Notices that must not be overlooked: the program does not answer, or fibers wait for each other in a cycle.
 */
import type { JSX } from 'preact'
import { clockTime, formatCount, formatNumber, oneLine, whole } from './format.js'
import type { Silence } from './poll.js'
import type { Control, Lost } from './store.js'

const reasons: Readonly<Record<Silence, string>> = {
  unreachable: 'The program has ended, or its inspector was closed.',
  refused:
    'Something else answers at this address now: the program may have been started anew, with another address.',
  strange:
    'The answer was none that this page understands: the program may use another version of the library.',
  slow: 'The program is there but too busy to answer, or it is stopped in a debugger.'
}

export const LostNotice = ({
  lost,
  control
}: {
  readonly lost: Lost
  readonly control: Control
}): JSX.Element => (
  <div class="notice lost" role="alert">
    <p>
      <strong>No answer since {clockTime(lost.since)}.</strong> {reasons[lost.why]}{' '}
      {control.kept !== undefined && 'What is shown here is from then. '}
      The page goes on trying.
    </p>
    <button type="button" onClick={() => control.retry()}>
      Try now
    </button>
  </div>
)

const mostShownCycles = 5
const mostInCycle = 12

/** Lists the titles on a cycle, and repeats the first one at the end. */
const WaitCycle = ({ titles }: { readonly titles: ReadonlyArray<string> }): JSX.Element => {
  const shown = titles.slice(0, mostInCycle)
  const left = titles.length - shown.length
  return (
    <li>
      {shown.map((title, index) => (
        <span key={index}>
          <bdi class="name" title={whole(title)}>
            {oneLine(title)}
          </bdi>
          {' waits for '}
        </span>
      ))}
      {left > 0 && `${formatNumber(left)} more that wait for `}
      <bdi class="name">{oneLine(titles[0] ?? '')}</bdi>
    </li>
  )
}

export const WaitCycles = ({
  cycles
}: {
  readonly cycles: ReadonlyArray<ReadonlyArray<string>>
}): JSX.Element => (
  <div class="notice cycles" role="alert">
    <p>
      <strong>{cycles.length === 1 ? 'A wait cycle' : formatCount(cycles.length, 'wait cycle')}:</strong>{' '}
      fibers that wait for each other. Unless a timeout or a race breaks it, none of them continues before one
      is interrupted.
    </p>
    <ul>
      {cycles.slice(0, mostShownCycles).map((titles, index) => (
        <WaitCycle key={index} titles={titles} />
      ))}
    </ul>
    {cycles.length > mostShownCycles && <p>and {formatNumber(cycles.length - mostShownCycles)} more</p>}
  </div>
)
