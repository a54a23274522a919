/**
 * The workloads, done by fp-ts's TaskEither: a function that gives a promise. It has no fibers, so that nothing of it can be
 * stopped, joined or limited.
 */
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { sleepMs } from '../workloads.js'

/** @typedef {import('../probe.js').Probe} Probe */
/**
 * @template A
 * @typedef {TE.TaskEither<any, A>} Work
 */

/**
 * @template A
 * @param {Work<A>} task
 * @returns {Promise<A>}
 */
const run = async (task) => {
  const result = await task()
  if (result._tag === 'Left') throw result.left
  return result.right
}

/** @param {unknown} reason */
const asIs = (reason) => reason

/** @param {number} value */
const fromMicrotask = (value) =>
  TE.tryCatch(
    () =>
      new Promise((/** @type {(value: number) => void} */ resolve) => queueMicrotask(() => resolve(value))),
    asIs
  )

/** @param {ReadonlyArray<number>} numbers */
const sum = (numbers) => numbers.reduce((one, other) => one + other, 0)

/** @type {Record<string, (n: number, probe: Probe) => Promise<number>>} */
export const workloads = {
  flatMapLoop: (n) => {
    /** @type {(i: number) => Work<number>} */
    const loop = (i) => (i === n ? TE.right(i) : pipe(TE.right(i + 1), TE.flatMap(loop)))
    return run(loop(0))
  },

  mapChain: async (n) => {
    /** @type {Work<number>} */
    let chain = TE.right(0)
    for (let i = 0; i < 1000; i++)
      chain = pipe(
        chain,
        TE.map((x) => x + 1)
      )
    let total = 0
    for (let i = 0; i < n / 1000; i++) total += await run(chain)
    return total
  },

  failRecover: (n) => {
    /** @type {(i: number) => Work<number>} */
    const loop = (i) =>
      i === n
        ? TE.right(i)
        : pipe(
            TE.left(i),
            TE.orElse((error) => TE.right(error + 1)),
            TE.flatMap(loop)
          )
    return run(loop(0))
  },

  deep: (n) => {
    /** @type {(i: number) => Work<number>} */
    const deep = (i) =>
      i === 0
        ? TE.right(0)
        : pipe(
            TE.right(undefined),
            TE.flatMap(() => deep(i - 1)),
            TE.map((x) => x + 1)
          )
    return run(deep(n))
  },

  asyncMicro: (n) => {
    /** @type {(i: number) => Work<number>} */
    const loop = (i) => (i === n ? TE.right(i) : pipe(fromMicrotask(i + 1), TE.flatMap(loop)))
    return run(loop(0))
  },

  promiseLift: (n) => {
    /** @type {(i: number) => Work<number>} */
    const loop = (i) =>
      i === n
        ? TE.right(i)
        : pipe(
            TE.tryCatch(() => Promise.resolve(i + 1), asIs),
            TE.flatMap(loop)
          )
    return run(loop(0))
  },

  allAsync: async (n) =>
    sum(await run(TE.sequenceArray(Array.from({ length: n }, (_, i) => fromMicrotask(i))))),

  bracket: (n) => {
    let open = 0
    let released = 0
    const acquire = TE.fromIO(() => ++open)
    /** @param {number} resource @returns {Work<number>} */
    const use = (resource) => TE.right(resource)
    const release = TE.fromIO(() => {
      open--
      released++
    })
    /** @type {(i: number, total: number) => Work<number>} */
    const loop = (i, total) =>
      i === n
        ? TE.right(total + released + open)
        : pipe(
            TE.bracket(acquire, use, () => release),
            TE.flatMap((value) => loop(i + 1, total + value))
          )
    return run(loop(0, 0))
  },

  sleepers: async (n, probe) => {
    probe.busy()
    let asleep = 0
    let most = 0
    let woken = 0
    /** @param {number} i */
    const sleeper = (i) =>
      TE.fromTask(async () => {
        most = Math.max(most, ++asleep)
        await new Promise((resolve) => setTimeout(resolve, sleepMs(n) + (i % 64)))
        asleep--
        woken++
      })
    await run(TE.sequenceArray(Array.from({ length: n }, (_, i) => sleeper(i))))
    return most + woken
  },

  runEdge: async (n) => {
    let total = 0
    for (let i = 0; i < n; i++) {
      const result = await TE.right(i)()
      if (result._tag === 'Right') total += result.right
    }
    return total
  }
}
