/**
 * The host's async context: the values that AsyncLocalStorage or
 * AsyncContext.Variable have for the running code.
 *
 * The host propagates it through its own promises and timers, but not through a queue of fibers: all their
 * turns would run in the context of the code that was the first to fill the queue. So the context is captured
 * where a run starts, shared by the fibers below it, and entered once per turn.
 *
 * Only functions of the user can observe the context. So core/diagnostics installs the code that captures it,
 * together with the Tasks that contain such functions; a program of plain values does not contain it. Node's
 * modules are found through `process.getBuiltinModule`, because an import would keep the library out of
 * browsers. A host without async contexts has nothing to capture. On Node 20 a capture costs some 40 ns and
 * entering it 15 ns; `AsyncLocalStorage.snapshot()` costs 11,000 ns.
 */
import { builtin, host } from './host.js'
import type { LateBound } from './late-bound.js'

/** A captured async context. */
export interface HostContext {
  /** Calls `f` in this context. */
  run<X, A>(f: (x: X) => A, x: X): A
  run<X, Y, A>(f: (x: X, y: Y) => A, x: X, y: Y): A
}

/** Returns the async context of the running code, or undefined if the host has none. */
export const contextCapture: LateBound<() => HostContext | undefined> = { bound: undefined }

/** Installs the capture of async contexts and returns that of the running code, or undefined if the host has none. */
export function captureContext(): HostContext | undefined {
  installContextCapture()
  return contextCapture.bound?.()
}

/** Calls `f` in `context`, or in the current context if `context` is undefined. */
export const runIn = <X, Y, A>(context: HostContext | undefined, f: (x: X, y: Y) => A, x: X, y: Y): A =>
  context ? context.run(f, x, y) : f(x, y)

/** Installs the capture of async contexts. */
export function installContextCapture(): void {
  if (contextCapture.bound !== undefined) return
  const Resource = builtin('node:async_hooks')?.AsyncResource
  const Context =
    host.AsyncContext?.Snapshot ??
    (Resource &&
      class extends Resource {
        run<X, Y, A>(f: (x: X, y?: Y) => A, x: X, y?: Y): A {
          return this.runInAsyncScope(f, undefined, x, y)
        }
      })
  contextCapture.bound = () => Context && new Context('aio-ts')
}
