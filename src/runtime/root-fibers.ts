/** What runs, from the top: all that is kept for a dump; the rest is found from here. */
import { FiberList } from './fiber-state.js'
import type { Branch } from './wait.js'

/** Fibers that the program's edge started and that have not ended. */
export const rootFibers: FiberList = /* @__PURE__ */ new FiberList()

/** Groups that belong to no other and have something in them, in order of their making. */
export const openBranches: Set<Branch> = /* @__PURE__ */ new Set()
