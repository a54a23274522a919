/**
 * What a run of the benchmarks has found: plain data, which `--json` prints as it is and which the report is made of.
 *
 * @typedef {object} Result one library at one workload
 * @property {number} figure for one operation: the median of the rounds, or of those in which the machine was quiet
 * @property {import('./rounds.js').Rounds} rounds
 * @property {number} n how many operations a sample had, or at most had; less than asked for where the library would have taken too long
 * @property {number} ratio how many times our own
 *
 * @typedef {object} Row
 * @property {string} name the workload's, with its metric
 * @property {string} what
 * @property {'ns' | 'bytes'} unit
 * @property {number} n
 * @property {Readonly<Record<string, Result>>} results by library
 * @property {Readonly<Record<string, string>>} failures by library: why there is no result
 * @property {ReadonlyArray<Verdict>} targets
 *
 * @typedef {object} Verdict
 * @property {string} library against which
 * @property {number} atLeast the ratio that is wanted
 * @property {number} ratio the ratio that was found
 * @property {boolean} isMet
 * @property {number} [most] how far ahead of that library one would be that costs nothing: how many times the floor's cost it has
 *
 * @typedef {{ readonly name: string, readonly ours: number, readonly theirs: number, readonly ratio: number }} Alone nanoseconds an operation, ours and Effect's
 * @typedef {{ readonly name: string, readonly few: number, readonly many: number, readonly ratio: number, readonly least?: number }} Flat `least` is the ratio that is left without a library
 * @typedef {{ readonly entry: string, readonly ms: number }} Start
 * @typedef {{ readonly library: string, readonly compiler: string, readonly instantiations: number, readonly checkSeconds: number }} Types
 * @typedef {{ readonly fixture: string, readonly what: string, readonly bundler: string, readonly minified: number, readonly gzipped: number, readonly budget?: number, readonly target?: number }} Size
 *
 * @typedef {{ readonly name: string, readonly ours: number, readonly raw: number, readonly ratio: number, readonly ratios?: ReadonlyArray<number>, readonly isAgainstCopy?: boolean }} Executors microseconds a job; the ratio of each process, and their median
 * @typedef {{ readonly name: string, readonly off: number, readonly on: number, readonly ratio: number }} Traces nanoseconds an operation
 *
 * @typedef {object} Cost of an inspector
 * @property {string} name what the program does
 * @property {number} without microseconds of the processor a fiber, without an inspector
 * @property {number} unseen how many times that with one that nobody looks at
 * @property {number} answerMs milliseconds of the processor that one answer to its page costs
 * @property {number} betweenMs milliseconds from one answer to the next question of the page
 * @property {number} seen how many times `without` that comes to, while a page looks
 * @property {ReadonlyArray<number>} [ratios] the same of each process; left out if one process reports it
 *
 * @typedef {{ readonly fibers: number, readonly ms: number, readonly bytes: number }} Answer to the page, milliseconds of the processor
 * @typedef {{ readonly costs: ReadonlyArray<Cost>, readonly answers: ReadonlyArray<Answer> }} Inspector
 *
 * @typedef {object} Machine
 * @property {string} cpu
 * @property {number} cores
 * @property {number} memoryGiB
 * @property {string} system
 *
 * @typedef {object} Results
 * @property {string} date
 * @property {boolean} isQuick too few of everything for the figures to mean much
 * @property {boolean} isComplete every workload and every section
 * @property {number} rounds
 * @property {boolean} isMixed
 * @property {{ readonly processes: number, readonly quiet: number }} needed how many processes needed the machine to be quiet, and for how many it was
 * @property {number} tookSeconds
 * @property {Machine} machine
 * @property {Readonly<Record<string, string>>} versions
 * @property {ReadonlyArray<Row>} rows
 * @property {ReadonlyArray<Alone>} alone
 * @property {ReadonlyArray<Flat>} flat
 * @property {ReadonlyArray<Start>} start
 * @property {ReadonlyArray<Types>} types
 * @property {ReadonlyArray<Size>} sizes
 * @property {ReadonlyArray<Executors>} executors
 * @property {ReadonlyArray<Traces>} traces
 * @property {Inspector | undefined} inspector
 */

/** The libraries, ours first, in the order in which they are shown. */
export const libraries = [
  'aio-ts',
  'effect',
  'native',
  'fp-ts',
  'effection',
  'fluture',
  'p-limit',
  'p-queue',
  'floor'
]

/** The one that all others are compared with. */
export const ours = 'aio-ts'

/** No library, but what is left of a workload without one. */
export const floor = 'floor'

/** At most this many times as long an operation at 1e6 as at 1e4. */
export const flatTarget = 1.3
/** Importing `aio-ts` takes at most this part of the time of importing effect/Effect. */
export const startTarget = 1 / 5
/** At most this part of the instantiations that Effect needs. */
export const typesTarget = 1 / 2
/** A small job takes at most this many times what it takes with that on which an executor is built. */
export const executorsTarget = 1.25
/** A program of 10,000 fibers takes at most this many times as long with an inspector. */
export const inspectorTarget = 1.05
