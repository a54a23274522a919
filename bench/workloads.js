/**
 * What is measured: every workload, how often it is done, and what it has to give.
 *
 * A library's file in libraries/ says how it does a workload. What comes out is compared with `result` after the clock has
 * stopped, for every sample of every library: nobody wins by doing less.
 */

/**
 * What is to be reached, as ratios of times (or bytes) to our own: 4 is "four times as fast as that library".
 * @typedef {{ readonly library: string, readonly atLeast: number, readonly metric?: string }} Target
 */

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} what one sentence for a person
 * @property {number} n how many operations a sample has, or at most has
 * @property {(n: number) => number} result what it must give
 * @property {'ns' | 'bytes'} unit of a figure, each for one operation
 * @property {ReadonlyArray<string>} [metrics] where a sample gives several figures; else it gives one
 * @property {ReadonlyArray<Target>} targets
 * @property {number} [step] n is a multiple of this
 * @property {boolean} [inPieces] one after the other, few at a time, so that it hardly matters how many a sample has: as many as take a short time
 * @property {boolean} [once] too long to be repeated for its own sake: one sample a process, after one small round of warming up
 */

/** @param {number} n */
const itself = (n) => n
/** @param {number} n */
const twice = (n) => 2 * n
/** @param {number} n */
const oneMore = (n) => n + 1
/** @param {number} n */
const sumBelow = (n) => (n * (n - 1)) / 2

/**
 * @param {number} atLeast
 * @param {string} [metric]
 * @returns {Target}
 */
const effect = (atLeast, metric) => ({ library: 'effect', atLeast, ...(metric && { metric }) })

/**
 * @param {number} atLeast below 1: so much slower is allowed
 * @returns {Target}
 */
const native = (atLeast) => ({ library: 'native', atLeast })

/** @type {ReadonlyArray<Workload>} */
export const workloads = [
  {
    name: 'flatMapLoop',
    what: 'a succeed flatMapped onto itself',
    n: 1e6,
    result: itself,
    inPieces: true,
    unit: 'ns',
    targets: [effect(4.5), native(2)]
  },
  {
    name: 'mapChain',
    what: 'a chain 1,000 maps deep, run again and again',
    n: 1e6,
    step: 1000,
    result: itself,
    inPieces: true,
    unit: 'ns',
    targets: [effect(4)]
  },
  {
    name: 'genLoop',
    what: '`yield*` of a succeed in a generator',
    n: 1e6,
    result: sumBelow,
    inPieces: true,
    unit: 'ns',
    targets: [effect(3.5), native(2)]
  },
  {
    name: 'genFresh',
    what: 'a generator function that is written inline, made anew each time, and yields one value',
    n: 5e4,
    result: sumBelow,
    inPieces: true,
    unit: 'ns',
    targets: [effect(2.2)]
  },
  {
    name: 'fn',
    what: 'a function whose body is a generator, defined once and called with arguments',
    n: 1e5,
    result: sumBelow,
    inPieces: true,
    unit: 'ns',
    targets: [effect(8), native(1)]
  },
  {
    name: 'nested',
    what: 'functions whose bodies are generators, three deep',
    n: 5e4,
    result: sumBelow,
    inPieces: true,
    unit: 'ns',
    targets: []
  },
  {
    name: 'failRecover',
    what: 'fail, recover, again',
    n: 3e5,
    result: itself,
    inPieces: true,
    unit: 'ns',
    targets: [effect(6), native(1)]
  },
  {
    name: 'deep',
    what: 'recursion through suspend and map, not in tail position',
    n: 2e5,
    result: itself,
    unit: 'ns',
    targets: [effect(2)]
  },
  {
    name: 'asyncMicro',
    what: 'a callback that is resumed from a microtask',
    n: 2e5,
    result: itself,
    inPieces: true,
    unit: 'ns',
    targets: [effect(1.5)]
  },
  {
    name: 'promiseLift',
    what: 'a resolved promise',
    n: 1e5,
    result: itself,
    inPieces: true,
    unit: 'ns',
    targets: [effect(2), native(0.3)]
  },
  {
    name: 'spawnJoin',
    what: 'spawn into a group, join',
    n: 1e5,
    result: sumBelow,
    inPieces: true,
    unit: 'ns',
    targets: [effect(8), native(0.7)]
  },
  {
    name: 'spawnClose',
    what: 'park fibers in a group, close it; each cleans up',
    n: 5e4,
    result: twice,
    unit: 'ns',
    targets: [effect(4.5), native(10)]
  },
  {
    name: 'allAsync',
    what: 'callbacks resumed from microtasks, all at once',
    n: 5e4,
    result: sumBelow,
    unit: 'ns',
    targets: [effect(2.4)]
  },
  {
    name: 'forEach16',
    what: 'the same, 16 at a time',
    n: 5e4,
    result: sumBelow,
    inPieces: true,
    unit: 'ns',
    targets: [effect(2.3), { library: 'p-limit', atLeast: 5 }]
  },
  {
    name: 'queue1',
    what: 'a queue with room for 1, one producer and one consumer',
    n: 1e5,
    result: sumBelow,
    inPieces: true,
    unit: 'ns',
    targets: [effect(7), native(1)]
  },
  {
    name: 'queue128',
    what: 'a queue with room for 128, one producer and one consumer',
    n: 1e5,
    result: sumBelow,
    inPieces: true,
    unit: 'ns',
    targets: [effect(9), native(1)]
  },
  {
    name: 'queueMpmc',
    what: 'a queue with room for 8, eight producers and eight consumers',
    n: 1e5,
    step: 8,
    result: sumBelow,
    inPieces: true,
    unit: 'ns',
    targets: [effect(6)]
  },
  {
    name: 'bracket',
    what: 'acquire, use, release',
    n: 1e5,
    result: twice,
    inPieces: true,
    unit: 'ns',
    targets: [effect(4.6), native(1)]
  },
  {
    name: 'raceTimeout',
    what: 'a time-out of a second around a turn of the event loop',
    n: 2e4,
    result: sumBelow,
    inPieces: true,
    unit: 'ns',
    targets: [effect(3.3)]
  },
  {
    name: 'sleepers',
    what: 'that many sleeping at once; only the time in which the event loop is busy counts',
    n: 5e4,
    result: twice,
    unit: 'ns',
    targets: [effect(3.1), native(1)]
  },
  {
    name: 'runEdge',
    what: 'run a succeed as a promise, await it',
    n: 1e5,
    result: sumBelow,
    inPieces: true,
    unit: 'ns',
    targets: [effect(1.9), native(0.35)]
  },
  {
    name: 'edgePromise',
    what: 'run a promise, as a handler does, and await it',
    n: 5e4,
    result: sumBelow,
    inPieces: true,
    unit: 'ns',
    targets: [effect(1.3)]
  },
  {
    name: 'lines',
    what: 'lines of text through a queue with room for 64 to eight workers, each of which parses them',
    n: 1e5,
    step: 8,
    result: sumBelow,
    inPieces: true,
    unit: 'ns',
    targets: []
  },
  {
    name: 'memoryCallback',
    what: 'heap of a fiber that waits for a callback, parked in a group',
    n: 1e5,
    result: itself,
    unit: 'bytes',
    targets: [effect(2)]
  },
  {
    name: 'memoryGenerator',
    what: 'heap of a fiber that waits within a generator, parked in a group',
    n: 1e5,
    result: itself,
    unit: 'bytes',
    targets: [effect(2)]
  },
  {
    name: 'interruptDeferred',
    what: 'waiters on one Deferred, interrupted in random order',
    n: 1e5,
    result: oneMore,
    unit: 'ns',
    once: true,
    targets: [effect(10)]
  },
  {
    name: 'interruptFiber',
    what: 'waiters on one fiber, interrupted in random order',
    n: 1e5,
    result: oneMore,
    unit: 'ns',
    once: true,
    targets: [effect(10)]
  },
  {
    name: 'interruptQueue',
    what: 'waiters on one queue, interrupted in random order',
    n: 1e5,
    result: oneMore,
    unit: 'ns',
    once: true,
    targets: [effect(10)]
  },
  {
    name: 'interruptSemaphore',
    what: 'waiters on one semaphore, interrupted in random order',
    n: 1e5,
    result: oneMore,
    unit: 'ns',
    once: true,
    targets: [effect(10)]
  },
  {
    name: 'million',
    what: 'start so many fibers in a group; then stop them; each cleans up',
    n: 1e6,
    result: twice,
    unit: 'ns',
    metrics: ['start', 'stop'],
    once: true,
    targets: [effect(2, 'start'), effect(2, 'stop')]
  }
]

/**
 * Workloads that are judged together as well, by the sum of what they cost.
 *
 * @type {ReadonlyArray<{ readonly name: string, readonly what: string, readonly of: ReadonlyArray<string>, readonly targets: ReadonlyArray<Target> }>}
 */
export const together = [
  {
    name: 'interrupts, all four',
    what: 'what interruptDeferred, interruptFiber, interruptQueue and interruptSemaphore cost together',
    of: ['interruptDeferred', 'interruptFiber', 'interruptQueue', 'interruptSemaphore'],
    targets: [effect(10)]
  }
]

/** @param {string} name */
export const workloadNamed = (name) => {
  const found = workloads.find((workload) => workload.name === name)
  if (found === undefined) throw new Error(`There is no workload ${name}`)
  return found
}

/**
 * The nearest count to `n` that the workload can do.
 *
 * @param {Workload} workload
 * @param {number} n
 */
export const fitting = ({ step = 1 }, n) => Math.max(step, Math.round(n / step) * step)

/** A line of the workload `lines`. */
export const lineOf = (/** @type {number} */ n) => `{"n":${n}}`

/** How long sleepers sleep, so that none has woken before the last has gone to sleep, in milliseconds. */
export const sleepMs = (/** @type {number} */ n) => 50 + n / 100

/**
 * The numbers below `n` in an order that is always the same.
 *
 * @param {number} n
 */
export const shuffled = (n) => {
  const order = Array.from({ length: n }, (_, index) => index)
  let state = 0x2545f491
  for (let index = n - 1; index > 0; index--) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    const other = (state >>> 0) % (index + 1)
    const taken = /** @type {number} */ (order[index])
    order[index] = /** @type {number} */ (order[other])
    order[other] = taken
  }
  return order
}
