/**
 * Pseudo-random numbers that are the same for the same seed on every host, so that a seed is enough to
 * reproduce an interleaving.
 *
 * The generator is mulberry32 (Tommy Ettinger, public domain): 32 bits of state suffice for choosing among
 * fibers.
 */

/** Spreads the bits of `value` over 32 bits. */
function mixed(value: number): number {
  let t = (value + 0x6d2b79f5) >>> 0
  t = Math.imul(t ^ (t >>> 15), t | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return (t ^ (t >>> 14)) >>> 0
}

/**
 * Returns a generator of numbers from 0 (included) to 1 (excluded). `stream` separates consumers of the same
 * seed, so that one of them drawing more numbers does not change the numbers of another.
 */
export function randomFrom(seed: number, stream: number): () => number {
  // A seed may have up to 53 bits.
  let state = (mixed(seed % 2 ** 32) ^ mixed(Math.floor(seed / 2 ** 32) + 1) ^ mixed(stream * 7919)) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    return mixed(state) / 2 ** 32
  }
}

/** Extends `hash` by `value`: an order-sensitive hash over whole numbers (FNV-1a). */
export const hashOn = (hash: number, value: number): number => Math.imul(hash ^ value, 16_777_619) >>> 0

/** Extends `hash` by each character of `text`. */
export function hashText(hash: number, text: string): number {
  let result = hash
  for (let index = 0; index < text.length; index++) result = hashOn(result, text.charCodeAt(index))
  return result
}

/** The initial value of a hash. */
export const emptyHash = 2_166_136_261
