/**
 * Whether the machine is quiet.
 *
 * A processor of a shared machine may be half of a core whose other half is somebody else's: for tenths of a second, or for seconds,
 * everything then takes half as long again, and neither the load nor the processor's time shows it. A piece of work that can use all
 * of a core does: reading the cache, several words at once, takes twice as long where somebody else reads as well. (A chain of operations
 * that wait for each other does not: it leaves room for another.)
 *
 * It is in WebAssembly: JavaScript is compiled to other code in each process, to some that takes four times as long in a few.
 */

// ---- the module: `work(rounds)` adds up 16 KiB of zeros, eight words a round, in four sums that do not wait for each other

const i32 = 0x7f
const [rounds, place, ...sums] = [0, 1, 2, 3, 4, 5]
const get = (/** @type {number} */ local) => [0x20, local]
const set = (/** @type {number} */ local) => [0x21, local]
const constant = (/** @type {number} */ value) => [0x41, ...signed(value)]
const [add, subtract, and, xor] = [0x6a, 0x6b, 0x71, 0x73]
/** Of four bytes, so many after `place`. */
const load = (/** @type {number} */ offset) => [...get(place), 0x28, 2, offset]
const [loop, ofNothing, end] = [0x03, 0x40, 0x0b]
const againUnless0 = [0x0d, 0]

/** The numbers of the format, seven bits a byte, the lowest first. @param {number} value not negative @param {number} last bits of the last byte */
const bytesOf = (value, last) => {
  const bytes = []
  for (; value >= 2 ** last; value = Math.floor(value / 128)) bytes.push((value % 128) + 128)
  return [...bytes, value]
}
const unsigned = (/** @type {number} */ value) => bytesOf(value, 7)
const signed = (/** @type {number} */ value) => bytesOf(value, 6)
const counted = (/** @type {ReadonlyArray<number>} */ bytes) => [...unsigned(bytes.length), ...bytes]

const sumOf8 = Array.from({ length: 8 }, (_, word) => {
  const sum = /** @type {number} */ (sums[word % sums.length])
  return [...get(sum), ...load(4 * word), add, ...set(sum)]
}).flat()
const nextPlace = [...get(place), ...constant(32), add, ...constant(2 ** 14 - 1), and, ...set(place)]
const body = [
  ...[1, 5, i32],
  ...[loop, ofNothing, ...sumOf8, ...nextPlace],
  ...[...get(rounds), ...constant(1), subtract, ...set(rounds), ...get(rounds), ...againUnless0, end],
  ...[...sums.flatMap(get), xor, xor, xor, end]
]
const sections = [
  [1, counted([1, 0x60, 1, i32, 1, i32])],
  [3, counted([1, 0])],
  [5, counted([1, 0, 1])],
  [7, counted([1, ...counted([...'work'].map((letter) => letter.charCodeAt(0))), 0, 0])],
  [10, counted([1, ...counted(body)])]
].flat(2)
/** The host's, of which the types of this folder know nothing. */
const { WebAssembly } =
  /** @type {{ WebAssembly: { Module: new (bytes: Uint8Array) => object, Instance: new (module: object) => { exports: unknown } } }} */ (
    /** @type {unknown} */ (globalThis)
  )
const module = new WebAssembly.Module(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections]))
const { work } = /** @type {{ work: (rounds: number) => number }} */ (
  new WebAssembly.Instance(module).exports
)

// ---- how long it takes

/** Some 0.2 ms. */
const enough = 150_000

/** So often it is done before it counts, for V8 to compile it well. */
const warmUps = 100

let isWarm = false

/** How long the work takes just now, in milliseconds. */
export const readYardstick = () => {
  for (let i = 0; !isWarm && i < warmUps; i++) work(enough)
  isWarm = true
  const begun = performance.now()
  work(enough)
  return performance.now() - begun
}

/** All readings of `ms` milliseconds. @param {number} ms */
export const readingsWithin = (ms) => {
  const readings = []
  const deadline = performance.now() + ms
  do readings.push(readYardstick())
  while (performance.now() < deadline)
  return readings
}
