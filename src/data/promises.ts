/** Promises that the library received and that no code awaits. */

const nativeThen = /* @__PURE__ */ (() => Promise.prototype.then)()

const ignoreEnd = (): void => undefined

/** Whether `thenable` has the host's own `then`, which never calls back within the call. */
export const isNative = (thenable: PromiseLike<unknown>): boolean => thenable.then === nativeThen

/**
 * Prevents the host from reporting a rejection of `value` as unhandled, which would end a Node process:
 * either the library reports the rejection, or an error has already said why `value` was refused. Other
 * thenables are left alone, because `then` may start the work that they represent.
 */
export function disown(value: unknown): void {
  try {
    nativeThen.call(value as Promise<unknown>, undefined, ignoreEnd)
  } catch {
    // `value` is not a promise of the host.
  }
}
