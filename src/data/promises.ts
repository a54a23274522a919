/** Promises that the library was handed, and that nobody waits for. */

const nativeThen = /* @__PURE__ */ (() => Promise.prototype.then)()

const ignoreEnd = (): void => undefined

/** Whether it has the host's own `then`, which never calls back from within a call. */
export const isNative = (thenable: PromiseLike<unknown>): boolean => thenable.then === nativeThen

/**
 * Marks the rejection of a native promise as handled, since an unhandled rejection would end a Node process:
 * the library reports it, or the caller has been told why `value` was refused. Other thenables are left
 * alone, since calling `then` may start their work.
 */
export function disown(value: unknown): void {
  try {
    nativeThen.call(value as Promise<unknown>, undefined, ignoreEnd)
  } catch {
    // It is no promise of the host's.
  }
}
