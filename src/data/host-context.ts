/**
 * The host's async context: what an AsyncLocalStorage, or an AsyncContext.Variable, has for the code that
 * runs now.
 *
 * The host follows its own promises and timers, but not a queue of fibers, whose turns would all have the
 * context of whatever filled the queue first. So the context is captured where a run starts, shared by the
 * fibers below, and entered once per turn.
 *
 * Only functions of the user can see it, so the means to capture it come with the Tasks that have some
 * (core/diagnostics): a program of values alone does not hold them. Node's modules are found through
 * `process.getBuiltinModule`, since an import would keep the library out of browsers. A host without async
 * contexts has nothing to capture. On Node 20 a capture costs some 40 ns and entering it 15;
 * `AsyncLocalStorage.snapshot()` 11,000.
 */
import { builtin, host } from './host.js'

/** A context that was captured. */
export interface HostContext {
  /** Calls `f` in it. */
  run<X, A>(f: (x: X) => A, x: X): A
  run<X, Y, A>(f: (x: X, y: Y) => A, x: X, y: Y): A
}

/** The context of the code that runs now; undefined where the host has none. */
export let captureContext: () => HostContext | undefined = () => undefined

/** Calls `f` in `context`; in the one that is there where that is undefined. */
export const runIn = <X, Y, A>(context: HostContext | undefined, f: (x: X, y: Y) => A, x: X, y: Y): A =>
  context ? context.run(f, x, y) : f(x, y)

/** From now on contexts are captured, where the host has them. */
export function bindContexts(): void {
  const Resource = builtin('node:async_hooks')?.AsyncResource
  const Context =
    host.AsyncContext?.Snapshot ??
    (Resource &&
      class extends Resource {
        run<X, Y, A>(f: (x: X, y?: Y) => A, x: X, y?: Y): A {
          return this.runInAsyncScope(f, undefined, x, y)
        }
      })
  if (Context) captureContext = () => new Context('aio-ts')
}
