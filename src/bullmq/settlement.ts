/** What becomes of a job that a worker has taken from the queue. */
import type { AnyExit } from '../executor/any-exit.js'

export type Settlement =
  /** It has ended, and its caller is answered. */
  | {
      readonly _tag: 'Answered'
      readonly exit: AnyExit
      readonly isCancelled?: boolean
      /** Whether it is kept for people to look at, and to send it again. */
      readonly isGivenUp?: boolean
    }
  /**
   * It has no exit, since the server closes or has lost its lock: another worker is to run it, if none does
   * already.
   */
  | { readonly _tag: 'GivenBack' }
  /** It has none of the names that are served here; another worker may know it. */
  | { readonly _tag: 'Unknown' }
