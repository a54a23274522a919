/**
 * `jobInterrupted`: how a job that never yields to the event loop learns that its caller has given it up.
 *
 * The executor that runs the job installs the function that answers: a thread shares memory with its caller.
 * The function is kept under a global symbol, so that a job module that has loaded another copy of the
 * library finds it.
 */

const interruptedKey = Symbol.for('aio-ts.jobInterrupted')

/** Safe because only this file writes under `key`. */
const interruptedSlot = (): { [interruptedKey]?: () => boolean } =>
  globalThis as { [interruptedKey]?: () => boolean }

/**
 * Whether the job that runs on this thread has been interrupted: to be asked in a loop that never waits,
 * where nothing else can reach it. It reads shared memory, at the cost of a few nanoseconds. On a thread it
 * becomes true where the call was interrupted and its `Executor` has `onInterrupt: 'terminate'`, and where
 * the job reaches its `maxMs`; anywhere else nothing can reach a loop that holds the thread, and it is false.
 *
 * ```ts
 * import { jobInterrupted } from 'aio-ts/executor'
 *
 * const search = (from: number): number => {
 *   let n = from
 *   while (n % 97 !== 0 && !jobInterrupted()) n++
 *   return n
 * }
 * console.log(search(100)) // => 194
 * ```
 */
export const jobInterrupted = (): boolean => interruptedSlot()[interruptedKey]?.() ?? false

/** Says what `jobInterrupted` asks on this thread from now on. */
export const answerJobInterrupted = (ask: () => boolean): void => {
  interruptedSlot()[interruptedKey] = ask
}
