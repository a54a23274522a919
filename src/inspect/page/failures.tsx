/** The panel of failures, the newest first, each with its cause as the library formats it. */
import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { Failure } from '../protocol.js'
import { clockTime, formatNumber, oneLine, whole } from './format.js'
import { Icon, Twisty } from './icons.js'
import type { Control } from './store.js'

const failedFiberName = ({ name, fiber }: Failure): string => (name === undefined ? `fiber #${fiber}` : name)

/** A longer text is truncated on the page, which saves its layout. It can still be copied as a whole. */
const longestShown = 20_000

const shown = (text: string): string =>
  text.length > longestShown
    ? `${text.slice(0, longestShown)}\n… ${formatNumber(text.length - longestShown)} more characters: copy it to have them all.`
    : text

const full = (failure: Failure): string =>
  `${new Date(failure.at).toISOString()} ${failedFiberName(failure)} #${failure.fiber} ${failure.outcome}\n${failure.text}\n`

/** Returns the first line without the words that repeat the outcome. */
const firstLine = ({ text }: Failure): string =>
  oneLine((text.split('\n', 1)[0] ?? '').replace(/^(?:failed|died of a defect): /, ''))

const CopyButton = ({
  text,
  control
}: {
  readonly text: () => string
  readonly control: Control
}): JSX.Element => {
  const [word, say] = useState('Copy')
  const copy = async (): Promise<void> => {
    // A page has a clipboard only if it is served from this machine, or over https.
    const isCopied = await (navigator.clipboard?.writeText(text()) ?? Promise.reject()).then(
      () => true,
      () => false
    )
    say(isCopied ? 'Copied' : 'Not allowed to copy')
    control.say(isCopied ? 'Copied' : 'The browser does not allow the page to copy')
  }
  return (
    <button type="button" class="copy" onClick={copy}>
      {word}
    </button>
  )
}

const Item = ({
  failure,
  control
}: {
  readonly failure: Failure
  readonly control: Control
}): JSX.Element => {
  const [isOpen, setOpen] = useState(false)
  const id = `failure-${failure.number}`
  const name = failedFiberName(failure)
  return (
    <li>
      <button
        type="button"
        class="line"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        <Twisty isOpen={isOpen} />
        <time dateTime={new Date(failure.at).toISOString()}>{clockTime(failure.at)}</time>
        <span class="outcome">
          <Icon of={failure.outcome} />
          {failure.outcome}
        </span>
        <bdi class="name" title={whole(name)}>
          {oneLine(name)}
        </bdi>
        {!isOpen && <bdi class="first">{firstLine(failure)}</bdi>}
      </button>
      {isOpen && (
        <div class="cause" id={id}>
          <pre role="region" tabIndex={0} aria-label={`Cause of ${oneLine(name)}`}>
            {shown(failure.text)}
          </pre>
          <CopyButton text={() => full(failure)} control={control} />
        </div>
      )}
    </li>
  )
}

export const Failures = ({ control }: { readonly control: Control }): JSX.Element => {
  const failures = control.kept?.failures ?? []
  const { failed = 0, died = 0 } = control.kept?.state.totals.ended ?? {}
  const items = useMemo(
    () => failures.map((failure) => <Item key={failure.number} failure={failure} control={control} />),
    [failures, control]
  )
  return (
    <section class="panel failures" aria-labelledby="failures">
      <h2 id="failures">
        Failures{' '}
        {failed + died > failures.length && failures.length > 0 && (
          <small>
            the last {formatNumber(failures.length)} of {formatNumber(failed + died)}
          </small>
        )}
      </h2>
      {failures.length === 0 ? (
        <p class="empty">No fiber has failed or died since the inspector was opened.</p>
      ) : (
        <ul class="scroll">{items}</ul>
      )}
    </section>
  )
}
