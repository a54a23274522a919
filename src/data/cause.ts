/** The public face of causes: the namespace `Cause`. What only the library needs of them stays in reasons. */
export {
  type Cause,
  type Die,
  defects,
  die,
  type Fail,
  fail,
  failures,
  type Interrupt,
  interrupt,
  isInterrupted,
  isInterruptedOnly,
  pretty,
  type Reason
} from './reasons.js'
