/**
 * A shape for each state and each outcome, so that they can be distinguished without color. Each is shown
 * next to its word.
 */
import type { JSX } from 'preact'
import type { FiberOutcome, Row } from '../protocol.js'

export type Sign = Row['state'] | FiberOutcome | 'living'

/** Drawn in a square of 12. */
const iconShapes: Readonly<Record<Sign, JSX.Element>> = {
  running: <path d="M3 1.5 10.5 6 3 10.5z" />,
  ready: (
    <>
      <circle cx="6" cy="6" r="4.25" class="line" />
      <path d="M6 1.75a4.25 4.25 0 0 1 0 8.5z" />
    </>
  ),
  waiting: <path d="M2.5 1h7v1.5L7 6l2.5 3.5V11h-7V9.5L5 6 2.5 2.5z" />,
  open: <circle cx="6" cy="6" r="4.25" class="line" />,
  closing: <circle cx="6" cy="6" r="4.25" class="line dashed" />,
  closed: <path d="M2 2h8v8H2z" />,
  succeeded: <path d="m1.5 6.5 3 3 6-7" class="line" />,
  failed: <path d="M6 1 11.5 11H.5z" />,
  died: <path d="m2 2 8 8m0-8-8 8" class="line" />,
  interrupted: <path d="M2 5h8v2H2z" />,
  living: <circle cx="6" cy="6" r="4" />
}

export const Icon = ({ of }: { readonly of: Sign }): JSX.Element => (
  <svg class={`icon ${of}`} viewBox="0 0 12 12" aria-hidden="true">
    {iconShapes[of]}
  </svg>
)

/** Renders a shape with its word. */
export const Signed = ({ of, word = of }: { readonly of: Sign; readonly word?: string }): JSX.Element => (
  <span class="signed">
    <Icon of={of} />
    {word}
  </span>
)

/** Points to the right while collapsed, and down while expanded. */
export const Twisty = ({ isOpen }: { readonly isOpen: boolean }): JSX.Element => (
  <svg class={isOpen ? 'twisty open' : 'twisty'} viewBox="0 0 12 12" aria-hidden="true">
    <path d="M4 2.5 8 6 4 9.5" />
  </svg>
)
