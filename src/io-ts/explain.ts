/**
 * Formats the errors of a codec, one line for each place in the value.
 *
 * io-ts returns one error for each member of a union or an intersection that refused the
 * value, so one wrong value causes many errors. Here everything that belongs to one place is
 * one line. If a member of a union got further than the others (the object of `User | null`,
 * the one with the right tag), only its own errors help the reader, and the rest is left out.
 */
import type * as t from 'io-ts'
import {
  endsAt,
  isIntersectionMember,
  isUnionMember,
  leadsToSecret,
  missingAt,
  pathTo,
  theValue,
  unwrap
} from './place.js'
import { shortenValue, showKind, showValue } from './show.js'

const mostExplainLines = 10
const mostLinesOfUnion = 5

/** A line that is not formatted yet: of a million errors only the first ten are read. */
type ExplainLine = () => string

type ErrorGroup = readonly [t.ValidationError, ...ReadonlyArray<t.ValidationError>]

const typeNameOf = (codec: t.Decoder<any, any> | undefined): string =>
  shortenValue(codec?.name ?? 'another value')

/** Returns what was found. For a value under a secret key, only its kind. */
const got = (context: t.Context, last: number, value: unknown): string =>
  leadsToSecret(context, last) ? `${showKind(value)} (hidden)` : showValue(value)

/** Returns the default message: what the codec at the end of the path expected, and what was found. */
const placeAndExpectation = ({ context, value }: t.ValidationError): string => {
  const last = context.length - 1
  const missing = value === undefined ? missingAt(context) : undefined
  const there = missing === undefined ? got(context, last, value) : `nothing: the ${missing} is missing`
  return `${pathTo(context, last)}: expected ${typeNameOf(context[last]?.type)}, got ${there}`
}

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Returns the error with the tag as its place, if a tagged union refused an object because of its tag. */
const aboutTag = ({ context, value }: t.ValidationError): t.ValidationError | undefined => {
  const entry = context[context.length - 1]
  const { tag } = unwrap(entry?.type)
  if (entry === undefined || typeof tag !== 'string' || !isRecord(value)) return undefined
  const found: unknown = Reflect.get(value, tag)
  const { name, validate, decode } = entry.type
  const holder = { ...entry, actual: value, type: { name, validate, decode } }
  const tagEntry = {
    key: tag,
    actual: found,
    type: { name: `the tag of a member of ${name}`, validate, decode }
  }
  return { value: found, context: [...context.slice(0, -1), holder, tagEntry] }
}

const explainLineOf = (error: t.ValidationError): string =>
  error.message === undefined
    ? placeAndExpectation(aboutTag(error) ?? error)
    : `${pathTo(error.context, error.context.length - 1)}: ${error.message}`

/** Returns the index of the first union, at or after `from`, with a member on the path. */
const unionIn = (context: t.Context, from: number): number | undefined => {
  for (let index = from + 1; index < context.length; index++)
    if (isUnionMember(context, index)) return index - 1
  return undefined
}

/**
 * Returns the index of the outermost intersection in which the
 * error is about the value itself and not about a part of it.
 */
const intersectionAt = (context: t.Context, from: number): number | undefined => {
  for (let index = from + 1; index < context.length; index++) {
    if (isIntersectionMember(context, index) && endsAt(context, index - 1)) return index - 1
  }
  return undefined
}

/**
 * Returns the index of the union or intersection that the error belongs to. Errors
 * with the same owner are formatted together, and errors without one separately.
 */
const ownerOf = (error: t.ValidationError, from: number): number | undefined =>
  unionIn(error.context, from) ??
  (error.message === undefined ? intersectionAt(error.context, from) : undefined)

const sameWay = (one: t.Context, other: t.Context, last: number): boolean => {
  for (let index = 0; index <= last; index++) {
    if (one[index]?.key !== other[index]?.key || one[index]?.type !== other[index]?.type) return false
  }
  return true
}

/**
 * Groups adjacent errors that belong together: a codec reports
 * the errors of one union, or of one intersection, contiguously.
 */
const groupsOf = (errors: ReadonlyArray<t.ValidationError>, from: number): ReadonlyArray<ErrorGroup> => {
  const groups: Array<[t.ValidationError, ...Array<t.ValidationError>]> = []
  let owner: number | undefined
  for (const error of errors) {
    const group = groups[groups.length - 1]
    const own = ownerOf(error, from)
    if (
      group !== undefined &&
      own !== undefined &&
      own === owner &&
      sameWay(group[0].context, error.context, own)
    ) {
      group.push(error)
    } else {
      groups.push([error])
    }
    owner = own
  }
  return groups
}

const membersOf = (group: ErrorGroup, union: number): ReadonlyArray<ErrorGroup> => {
  const members = new Map<string, [t.ValidationError, ...Array<t.ValidationError>]>()
  for (const error of group) {
    const key = error.context[union + 1]?.key ?? ''
    const member = members.get(key)
    if (member === undefined) members.set(key, [error])
    else member.push(error)
  }
  return [...members.values()]
}

/** Whether a member reported more than that it does not accept the value as a whole. */
const cameFurther = (member: ErrorGroup, union: number): boolean =>
  member.some((error) => error.message !== undefined || !endsAt(error.context, union))

const linesOfUnion = (group: ErrorGroup, union: number): ReadonlyArray<ExplainLine> => {
  const { context, value } = group[0]
  const entry = context[union]
  const members = membersOf(group, union)
  const further = members.filter((member) => cameFurther(member, union))
  const [only] = members.length === 1 ? members : further.length === 1 ? further : []
  if (only !== undefined) return explainLinesOf(only, union + 1)
  const whole = {
    value: entry !== undefined && 'actual' in entry ? entry.actual : value,
    context: context.slice(0, union + 1)
  }
  const reasons = further.flatMap((member) =>
    explainLinesOf(member, union + 1).map(
      (line): ExplainLine =>
        () =>
          `  as ${typeNameOf(member[0].context[union + 1]?.type)}: ${line()}`
    )
  )
  return [() => placeAndExpectation(whole), ...cutName(reasons, mostLinesOfUnion, '  ')]
}

const linesOfGroup = (group: ErrorGroup, from: number): ReadonlyArray<ExplainLine> => {
  const [first] = group
  const union = unionIn(first.context, from)
  if (union !== undefined) return linesOfUnion(group, union)
  const intersection = group.length > 1 ? intersectionAt(first.context, from) : undefined
  return intersection === undefined
    ? [() => explainLineOf(first)]
    : [() => explainLineOf({ value: first.value, context: first.context.slice(0, intersection + 1) })]
}

const explainLinesOf = (errors: ReadonlyArray<t.ValidationError>, from: number): ReadonlyArray<ExplainLine> =>
  groupsOf(errors, from).flatMap((group) => linesOfGroup(group, from))

const cutName = (
  lines: ReadonlyArray<ExplainLine>,
  most: number,
  indent: string
): ReadonlyArray<ExplainLine> =>
  lines.length <= most ? lines : [...lines.slice(0, most), () => `${indent}and ${lines.length - most} more`]

/** Formats the errors of a codec: as one line, or as a heading with the first ten lines. */
export const explain = (errors: t.Errors): string => {
  const root = errors[0]?.context[0]?.type
  const heading = root === undefined ? 'cannot decode the value' : `cannot decode ${typeNameOf(root)}`
  const lines = cutName(explainLinesOf(errors, 0), mostExplainLines, '').map((line) => line())
  const [line] = lines
  if (line === undefined) return `${heading}: the codec gave no reason`
  if (lines.length > 1) return `${heading}:\n  ${lines.join('\n  ')}`
  // The line begins with the same words, and names the codec itself.
  return line.startsWith(`${theValue}: `) ? `cannot decode ${line}` : `${heading}: ${line}`
}
