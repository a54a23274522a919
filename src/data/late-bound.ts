/**
 * Late binding: parts of the library that a bundle contains only if its program uses them.
 *
 * Code that also works without such a part reads it from a holder. The function that needs the part, or that
 * makes what needs it, installs the part when it is called; from the second call on this has no effect. So
 * loading a module has no effect, and a bundler keeps a part exactly if it keeps such a function.
 *
 * | holder or class | part | installed by |
 * |---|---|---|
 * | `diagnostics` (data/diagnostics) | texts of causes and errors | `make` (core/node): every Task but those of `succeed` |
 * | `refusedValue` (data/check-input) | what was received in place of what was expected | the same |
 * | `contextCapture` (data/host-context) | async contexts of the host | the same, `Group`, `makeRuntime`, `addHooks` |
 * | `failureDetails` (data/describe) | stacks and lines of user code | runtime/tracing |
 * | `primitiveObserver` (core/node) | tracing of primitives | runtime/tracing, if tracing is on |
 * | `Node` (core/node) | the iterator protocol, for `yield*` | `Task.gen` |
 * | `FiberState` (runtime/fiber-state) | the methods of `Fiber` | each function that returns a fiber or passes it to user code |
 * | `hookDispatcher` (runtime/hooks) | calls of hooks | `addHooks`, `makeRuntime` |
 * | `contextSwitch` (runtime/time-slice) | fibers that change their async context | `inHostContext` (task/host-context) |
 * | `queueClass` (coordination/is-queue) | the class `Queue` | its constructor |
 * | `acquisitionObserver` (concurrency/observe-acquisitions) | leak detection | `runTest` |
 *
 * One constant has an effect when it is loaded: `tracing` (runtime/tracing) reads `AIO_TRACE` from the
 * environment, because Tasks that are made before a program calls any function must be traced as well.
 */

/** Holds a part that is installed late. */
export interface LateBound<T> {
  /** The part, or undefined if it is not installed. */
  bound: T | undefined
}

interface Class {
  readonly prototype: object
}

/** Adds the methods of `methods`, a class that is never instantiated, to all objects of `base`. */
export function installMethods(base: Class, methods: Class): void {
  const { constructor: _, ...all } = Object.getOwnPropertyDescriptors(methods.prototype)
  Object.defineProperties(base.prototype, all)
}
