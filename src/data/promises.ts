/** Promises that the library was handed, and that nobody waits for. */

const nativeThen = /* @__PURE__ */ (() => Promise.prototype.then)()

const ignoreEnd = (): void => undefined

/** Whether it has the host's own `then`, which never calls back from within a call. */
export const isNative = (thenable: PromiseLike<unknown>): boolean => thenable.then === nativeThen

/**
 * The host does not report a rejection of `value` as unhandled, which would end a Node process: the library
 * reports it, or somebody else has been told why `value` was refused. Other thenables are left alone, for
 * `then` may begin the work that they stand for.
 */
export function disown(value: unknown): void {
  try {
    nativeThen.call(value as Promise<unknown>, undefined, ignoreEnd)
  } catch {
    // It is no promise of the host's.
  }
}
