/** What a user of promises takes p-limit for. */
import pLimit from 'p-limit'

/** @type {Record<string, (n: number) => Promise<number>>} */
export const workloads = {
  forEach16: async (n) => {
    const limit = pLimit(16)
    const results = await Promise.all(
      Array.from({ length: n }, (_, i) =>
        limit(
          () =>
            new Promise((/** @type {(value: number) => void} */ resolve) => queueMicrotask(() => resolve(i)))
        )
      )
    )
    return results.reduce((one, other) => one + other, 0)
  }
}
