/**
 * What the core uses of its host, declared in this one place, so that it compiles without Node's and without
 * the DOM's types and runs wherever these few exist: Node, Deno, Bun, browsers.
 *
 * `AbortSignal` is the host's own type where the program that imports the library has one, else the part that
 * we need.
 */

export interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** The host's `AbortSignal`. */
export type AbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer S } }
  ? S
  : AbortSignalLike

export interface AbortControllerLike {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}

/** Node's timers can be told to keep no process alive; those of browsers are numbers, which keep none. */
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
    /** Node's, which can say what its event loop still waits for, one word for each. */
    readonly getActiveResourcesInfo?: () => ReadonlyArray<string>
    /** Node's, Deno's and Bun's: one of their own modules, without an import. */
    readonly getBuiltinModule?: (name: string) => unknown
    readonly env?: Readonly<Record<string, string | undefined>>
  }
  /** TC39's proposal, where a host has it. */
  readonly AsyncContext?: {
    readonly Snapshot?: new () => {
      run<Args extends ReadonlyArray<unknown>, A>(f: (...args: Args) => A, ...args: Args): A
    }
  }
  /** Deno's own. */
  readonly Deno?: unknown
}

export interface HostChannel {
  readonly port1: { onmessage: (() => void) | null }
  readonly port2: { postMessage(message: unknown): void }
}

/** Safe because each of these is a global of every host that the library names. */
const globals = (): Host => globalThis as unknown as Host

export const host: Host = /* @__PURE__ */ globals()

/** Of `node:async_hooks`, of which there are partial copies. */
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

/** What Node, Deno and Bun have as modules, as far as it is used here. */
interface Builtin {
  readonly 'node:async_hooks': AsyncHooks
  readonly 'node:timers': Pick<Host, 'setTimeout' | 'clearTimeout' | 'setImmediate'>
  readonly 'node:perf_hooks': Pick<Host, 'performance'>
}

/**
 * The host's module of that name. Test runners put their own functions in the place of globals, some of them
 * before they load anything else, and leave these modules as they are.
 */
export function builtin<Name extends keyof Builtin>(name: Name): Builtin[Name] | undefined {
  try {
    // SAFETY: a host that knows the name has what Node has.
    return host.process?.getBuiltinModule?.(name) as Builtin[Name] | undefined
  } catch {
    // A host that has the function and not the module.
    return undefined
  }
}
