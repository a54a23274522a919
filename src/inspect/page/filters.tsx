/** The controls that filter the tree by a search text and by the states of fibers. */
import type { JSX } from 'preact'
import type { FiberActivity, InspectorState } from '../protocol.js'
import { formatNumber } from './format.js'
import { Icon } from './icons.js'
import type { Control } from './store.js'
import { longestSearch } from './view.js'

const shownStates: ReadonlyArray<FiberActivity> = ['running', 'ready', 'waiting']

export const Filters = ({
  control,
  fibers
}: {
  readonly control: Control
  readonly fibers: InspectorState['totals']['fibers']
}): JSX.Element => {
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    control.seek('')
  }
  return (
    <search class="filters">
      <input
        id="search"
        type="search"
        placeholder="Search: name, id, waits for"
        aria-label="Search the tree: name, id or what is waited for"
        aria-keyshortcuts="/"
        maxLength={longestSearch}
        autoComplete="off"
        spellcheck={false}
        value={control.search}
        onInput={(event) => control.seek(event.currentTarget.value)}
        onKeyDown={press}
      />
      <div class="states" role="group" aria-label="Only fibers that are">
        {shownStates.map((state) => (
          <button
            key={state}
            type="button"
            aria-pressed={control.states.includes(state)}
            onClick={() => control.toggleState(state)}
          >
            <Icon of={state} />
            {state} <b>{formatNumber(fibers[state])}</b>
          </button>
        ))}
      </div>
    </search>
  )
}
