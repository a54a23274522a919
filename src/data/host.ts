/**
 * The parts of the host that the core uses, declared in one place. So the core compiles without the types of
 * Node and of the DOM, and runs on every host that has these few: Node, Deno, Bun, browsers.
 *
 * `AbortSignal` is the host's own type if the program that imports the library has one, otherwise
 * the part that the library needs.
 */

interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** The host's `AbortSignal` type, or `AbortSignalLike` if the importing program has none. */
export type AbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer S } }
  ? S
  : AbortSignalLike

export interface AbortControllerLike {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}

/**
 * A timer of the host. Node's timers have a method by which they do not keep the process alive. Timers of browsers are
 * numbers, which do not keep it alive.
 */
export interface HostTimer {
  ref?(): unknown
  unref?(): unknown
}

interface Host {
  readonly setTimeout: (run: () => void, ms: number) => HostTimer
  readonly clearTimeout: (timer: HostTimer) => void
  readonly setImmediate?: (run: () => void) => unknown
  readonly MessageChannel?: new () => HostChannel
  readonly performance: { now(): number }
  readonly AbortController: new () => AbortControllerLike
  readonly structuredClone?: (value: unknown) => unknown
  readonly console: {
    error(...words: ReadonlyArray<unknown>): void
    warn(...words: ReadonlyArray<unknown>): void
  }
  readonly process?: {
    /** Node only: lists what its event loop still waits for, one word for each resource. */
    readonly getActiveResourcesInfo?: () => ReadonlyArray<string>
    /** Node, Deno and Bun: returns one of their built-in modules without an import. */
    readonly getBuiltinModule?: (name: string) => unknown
    readonly env?: Readonly<Record<string, string | undefined>>
  }
  /** The TC39 proposal, on hosts that implement it. */
  readonly AsyncContext?: {
    readonly Snapshot?: new () => {
      run<Args extends ReadonlyArray<unknown>, A>(f: (...args: Args) => A, ...args: Args): A
    }
  }
  /** Present on Deno only. */
  readonly Deno?: unknown
}

export interface HostChannel {
  readonly port1: { onmessage: (() => void) | null }
  readonly port2: { postMessage(message: unknown): void }
}

/** Safe because each of these is a global of every host that the library supports. */
const globals = (): Host => globalThis as unknown as Host

export const host: Host = /* @__PURE__ */ globals()

/** The part of `node:async_hooks` that is used. Some hosts have only partial copies of the module. */
interface AsyncHooks {
  readonly AsyncResource?: new (
    type: string
  ) => {
    runInAsyncScope<Args extends ReadonlyArray<unknown>, A>(
      f: (...args: Args) => A,
      self: undefined,
      ...args: Args
    ): A
  }
}

/** The modules of Node, Deno and Bun, as far as they are used here. */
interface Builtin {
  readonly 'node:async_hooks': AsyncHooks
  readonly 'node:timers': Pick<Host, 'setTimeout' | 'clearTimeout' | 'setImmediate'>
  readonly 'node:perf_hooks': Pick<Host, 'performance'>
}

/**
 * Returns the built-in module `name` of the host, or undefined if the host does not have it. Test runners
 * replace globals, some of them before they load any other code, but leave these modules unchanged.
 */
export function builtin<Name extends keyof Builtin>(name: Name): Builtin[Name] | undefined {
  try {
    // SAFETY: a host that knows the name has what Node has.
    return host.process?.getBuiltinModule?.(name) as Builtin[Name] | undefined
  } catch {
    // The host has the function, but not the module.
    return undefined
  }
}
