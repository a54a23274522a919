/**
 * The host's async contexts of a program: each of its top-level fibers, and each fiber that a callback spawns, is started in a context
 * of its own, as requests of a server are. Its child fibers share it, and no other fiber may ever see it.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

const storage = new AsyncLocalStorage<string>()

/** Calls `start`, which starts a fiber, in the context of that name. */
export const inContext = <A>(name: string, start: () => A): A => storage.run(name, start)

/** What code that runs now sees. */
export const contextOfNow = (): string => storage.getStore() ?? 'none'
