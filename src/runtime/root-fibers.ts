/**
 * The roots of the tree of running fibers: the only state kept for a dump,
 * because the rest is found from here.
 */

import { LinkedList } from '../data/linked-list.js'
import type { FiberList } from './fiber-state.js'
import type { Branch } from './wait.js'

/** Fibers that were started at the edge of the program and have not ended. */
export const rootFibers: FiberList = /* @__PURE__ */ new LinkedList()

/** Groups that belong to no other group and have something in them, in order of creation. */
export const openBranches: Set<Branch> = /* @__PURE__ */ new Set()
