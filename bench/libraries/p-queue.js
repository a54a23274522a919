/** What a user of promises takes p-queue for. */
import PQueue from 'p-queue'

/** @type {Record<string, (n: number) => Promise<number>>} */
export const workloads = {
  forEach16: async (n) => {
    const queue = new PQueue({ concurrency: 16 })
    const results = await Promise.all(
      Array.from({ length: n }, (_, i) =>
        queue.add(
          () =>
            new Promise((/** @type {(value: number) => void} */ resolve) => queueMicrotask(() => resolve(i)))
        )
      )
    )
    return results.reduce((one, other) => one + other, 0)
  }
}
