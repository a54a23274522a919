/**
 * Numbers that look random and are the same for the same seed on every host, so that a seed is enough to run
 * an interleaving again.
 *
 * It is mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty for choosing among fibers.
 */

/** Spreads the bits of `value` over 32 bits. */
function mixed(value: number): number {
  let t = (value + 0x6d2b79f5) >>> 0
  t = Math.imul(t ^ (t >>> 15), t | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return (t ^ (t >>> 14)) >>> 0
}

/**
 * From 0 (included) to 1, each call the next. `stream` tells apart what draws from the same seed for
 * different ends, so that one end drawing more does not disturb the other.
 */
export function randomFrom(seed: number, stream: number): () => number {
  // A seed may have 53 bits.
  let state = (mixed(seed % 2 ** 32) ^ mixed(Math.floor(seed / 2 ** 32) + 1) ^ mixed(stream * 7919)) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    return mixed(state) / 2 ** 32
  }
}

/**
 * Goes on with `hash` by `value`: a fingerprint of what was met in which order (FNV-1a over whole numbers).
 */
export const hashOn = (hash: number, value: number): number => Math.imul(hash ^ value, 16_777_619) >>> 0

/** Extends a hash by each character of `text`. */
export function hashText(hash: number, text: string): number {
  let result = hash
  for (let index = 0; index < text.length; index++) result = hashOn(result, text.charCodeAt(index))
  return result
}

/** What a fingerprint begins with. */
export const emptyHash = 2_166_136_261
