/** The header of the page: the program, whether it answers, and the controls of the page. */
import { Fragment, type JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { FiberOutcome, InspectorState } from '../protocol.js'
import { clockTime, duration, formatNumber, oneLine, whole } from './format.js'
import { Icon } from './icons.js'
import type { Control } from './store.js'
import { setTheme, theme, themes } from './theme.js'

const Status = ({ control }: { readonly control: Control }): JSX.Element => {
  const { pausedAt, lost, kept } = control
  if (pausedAt !== undefined) return <span class="status paused">paused at {clockTime(pausedAt)}</span>
  if (lost !== undefined) return <span class="status lost">no answer</span>
  if (kept === undefined) return <span class="status">asking …</span>
  return <span class="status live">live</span>
}

const ThemeButton = (): JSX.Element => {
  const [current, show] = useState(theme())
  const next = themes[(themes.indexOf(current) + 1) % themes.length] ?? 'system'
  const change = (): void => {
    setTheme(next)
    show(next)
  }
  return (
    <button type="button" onClick={change} title={`Next: ${next}`}>
      Theme: {current}
    </button>
  )
}

const outcomes: ReadonlyArray<FiberOutcome> = ['succeeded', 'failed', 'died', 'interrupted']

/** The numbers of existing objects, and of ended fibers by outcome. */
const Totals = ({ totals }: Pick<InspectorState, 'totals'>): JSX.Element => {
  const { running, ready, waiting } = totals.fibers
  const plain = [
    ['fibers', running + ready + waiting],
    ['groups', totals.groups],
    ['queues', totals.queues]
  ] as const
  return (
    <dl class="totals">
      {plain.map(([word, n]) => (
        <div key={word}>
          <dt>{word}</dt>
          <dd>{formatNumber(n)}</dd>
        </div>
      ))}
      {outcomes.map((outcome) => (
        <div key={outcome} class={totals.ended[outcome] === 0 ? 'none' : outcome}>
          <dt>
            <Icon of={outcome} />
            {outcome}
          </dt>
          <dd>{formatNumber(totals.ended[outcome])}</dd>
        </div>
      ))}
    </dl>
  )
}

export const Header = ({ control }: { readonly control: Control }): JSX.Element => {
  const { kept, pausedAt } = control
  const { program, at, totals } = kept?.state ?? {}
  return (
    <header>
      <div class="bar">
        <div class="program">
          <h1 title={program && whole(program.title)}>{program ? oneLine(program.title) : 'Inspector'}</h1>
          {program !== undefined && at !== undefined && (
            <p class="facts">
              {[
                `process ${program.pid}`,
                `Node ${program.node.replace(/^v/, '')}`,
                `up ${duration(at - program.startedAt)}`
              ].map((fact, index) => (
                <Fragment key={index}>
                  {index > 0 && ' · '}
                  <span>{fact}</span>
                </Fragment>
              ))}
            </p>
          )}
        </div>
        <Status control={control} />
        <div class="actions">
          <button type="button" class="pause" aria-keyshortcuts="P" onClick={() => control.togglePause()}>
            {pausedAt === undefined ? 'Pause' : 'Resume'}
          </button>
          <ThemeButton />
          <button type="button" onClick={() => control.help(true)}>
            Keys
          </button>
        </div>
      </div>
      {totals !== undefined && <Totals totals={totals} />}
    </header>
  )
}
