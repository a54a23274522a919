/**
 * The keyboard shortcuts and a dialog that lists them. The dialog can turn off single-letter shortcuts, which
 * speech input may trigger by mistake.
 */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Control } from './store.js'
import { store, stored } from './theme.js'

const helpPlace = 'aio-ts-inspector-letters'

let areLettersOn = stored(helpPlace) !== 'off'

const keys: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
  [['P', 'Space'], 'pause or resume'],
  [['/'], 'search the tree'],
  [['Esc'], 'in the search: clear it'],
  [['T'], 'go to the tree'],
  [['↑', '↓'], 'in the tree: the row before, the row after'],
  [['→'], 'open a row; on an open row: go to its first child'],
  [['←'], 'close a row; on a closed row: go to its parent'],
  [['Enter'], 'open or close a row'],
  [['Home', 'End'], 'the first row, the last one'],
  [['Page Up', 'Page Down'], 'a page up or down'],
  [['?'], 'these keys']
]

/** Whether the browser or an element uses the key itself. */
const isTaken = (event: KeyboardEvent): boolean => {
  const { target } = event
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true
  if (!(target instanceof Element)) return false
  if (target.closest('dialog') !== null || target.matches('input, textarea, select')) return true
  return event.key === ' ' && target.matches('button, summary, a, pre')
}

/** Handles the shortcuts that work everywhere on the page. Returns a function that removes the listener. */
export const listenToKeys = (control: Control): (() => void) => {
  const press = (event: KeyboardEvent): void => {
    if (!areLettersOn || isTaken(event)) return
    const focus = (selector: string): void => document.querySelector<HTMLElement>(selector)?.focus()
    const actions: Readonly<Record<string, () => void>> = {
      p: () => control.togglePause(),
      ' ': () => control.togglePause(),
      '/': () => focus('#search'),
      t: () => focus('.rows'),
      '?': () => control.help(true)
    }
    const action = actions[event.key.toLowerCase()]
    if (action === undefined || (event.repeat && event.key !== '/')) return
    event.preventDefault()
    action()
  }
  document.addEventListener('keydown', press)
  return () => document.removeEventListener('keydown', press)
}

export const Help = ({ control }: { readonly control: Control }): JSX.Element => {
  const dialog = useRef<HTMLDialogElement>(null)
  const [isOn, setOn] = useState(areLettersOn)
  useEffect(() => dialog.current?.showModal(), [])
  const change = (): void => {
    areLettersOn = !isOn
    store(helpPlace, isOn ? 'off' : 'on')
    setOn(!isOn)
  }
  return (
    <dialog ref={dialog} aria-labelledby="keys" onClose={() => control.help(false)}>
      <h2 id="keys">Keys</h2>
      <dl>
        {keys.map(([names, what]) => (
          <div key={what}>
            <dt>
              {names.map((name) => (
                <kbd key={name}>{name}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label>
        <input type="checkbox" checked={isOn} onChange={change} /> P, Space, /, T and ? work everywhere on the
        page
      </label>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  )
}
