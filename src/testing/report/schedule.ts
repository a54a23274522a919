/**
 * Encodes an interleaving as one line of text, which can be kept in a test: the source of its choices (a
 * seed, or deviations from letting the current fiber continue), and a hash of the run, so that a schedule of
 * another program is detected.
 *
 *     aio1:y1:s7:n42:h1k2j3              chosen by seed 7; 42 decisions
 *     aio1:y1:s0:d3.1,4.2:n42:h1k2j3     choice 1 at decision 3, 2 four decisions later, else the usual one
 *     aio1:y1:s0:i5:n42:h1k2j3           the main fiber interrupted before step 5
 *
 * `m` and `t` are the limits of steps and of milliseconds if the run exceeded one. `p` and `w` are
 * `patienceMs` and `hostWaitMs` if the test set them and a fiber waited for the host. Numbers are in base 36,
 * except those of y, s, i, m, t, p and w, which are decimal for readability.
 */
import { describeValue } from '../../data/check-input.js'
import { ScheduleError } from '../errors.js'
import type { Deviation } from '../run/strategy.js'

export interface ScheduleParts {
  readonly yieldEvery: number
  readonly seed: number
  /** Set if the seed did not make the choices. */
  readonly deviations: ReadonlyArray<Deviation> | undefined
  readonly interruptAt: number | undefined
  /** Set if the run exceeded a limit other than the usual one. */
  readonly maxSteps: number | undefined
  /** Set if the run exceeded its limit of virtual time. */
  readonly maxMs: number | undefined
  /** Set, as is `hostWaitMs`, if the test set it and the run waited for the host. */
  readonly patienceMs: number | undefined
  readonly hostWaitMs: number | undefined
  readonly decisions: number
  readonly hash: number
}

const version = 'aio1'

const short = (value: number): string => value.toString(36)

export function encode(parts: ScheduleParts): string {
  const {
    yieldEvery,
    seed,
    deviations,
    interruptAt,
    maxSteps,
    maxMs,
    patienceMs,
    hostWaitMs,
    decisions,
    hash
  } = parts
  let before = 0
  const listed = deviations?.map(({ decision, choice }) => {
    const step = decision - before
    before = decision
    return `${short(step)}.${short(choice)}`
  })
  const fields = [version, `y${yieldEvery}`, `s${seed}`]
  if (listed !== undefined) fields.push(`d${listed.join(',')}`)
  if (interruptAt !== undefined) fields.push(`i${interruptAt}`)
  if (maxSteps !== undefined) fields.push(`m${maxSteps}`)
  if (maxMs !== undefined) fields.push(`t${maxMs}`)
  if (patienceMs !== undefined) fields.push(`p${patienceMs}`)
  if (hostWaitMs !== undefined) fields.push(`w${hostWaitMs}`)
  return [...fields, `n${short(decisions)}`, `h${short(hash)}`].join(':')
}

const pattern =
  /^aio1:y(\d+):s(\d+)(?::d((?:[0-9a-z]+\.[0-9a-z]+(?:,[0-9a-z]+\.[0-9a-z]+)*)?))?(?::i(\d+))?(?::m(\d+))?(?::t(\d+(?:\.\d+)?))?(?::p(\d+(?:\.\d+)?))?(?::w(\d+(?:\.\d+)?))?:n([0-9a-z]+):h([0-9a-z]+)$/

const long = (text: string | undefined): number => Number.parseInt(text ?? '0', 36)

const optional = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text)

function parseDeviations(text: string): ReadonlyArray<Deviation> {
  let decision = 0
  return text.split(',').map((pair) => {
    const [step, choice] = pair.split('.')
    decision += long(step)
    return { decision, choice: long(choice) }
  })
}

/** Parses a schedule. Throws a ScheduleError that says what is wrong with the text. */
export function parse(text: unknown): ScheduleParts {
  const found = typeof text === 'string' ? pattern.exec(text.trim()) : null
  if (found === null) {
    const hint =
      typeof text === 'string' && /^aio(?!1:)\d+:/.test(text.trim())
        ? 'another version of aio-ts has made it; find it again with this one'
        : `expected the whole of a text like ${version}:y1:s7:n4:h1k2j3, as runTest gives it and errors show it`
    throw new ScheduleError(`replay: ${describeValue(text)} is no schedule: ${hint}`)
  }
  const [
    ,
    yieldEvery,
    seed,
    deviations,
    interruptAt,
    maxSteps,
    maxMs,
    patienceMs,
    hostWaitMs,
    decisions,
    hash
  ] = found
  const parts: ScheduleParts = {
    yieldEvery: Number(yieldEvery),
    seed: Number(seed),
    deviations: deviations === undefined ? undefined : deviations === '' ? [] : parseDeviations(deviations),
    interruptAt: optional(interruptAt),
    maxSteps: optional(maxSteps),
    maxMs: optional(maxMs),
    patienceMs: optional(patienceMs),
    hostWaitMs: optional(hostWaitMs),
    decisions: long(decisions),
    hash: long(hash)
  }
  const numbers = [parts.yieldEvery, parts.seed, parts.decisions, parts.hash]
  if (!numbers.every(Number.isSafeInteger) || parts.yieldEvery < 1) {
    throw new ScheduleError(`replay: ${describeValue(text)} is no schedule: a number in it is out of range`)
  }
  return parts
}
