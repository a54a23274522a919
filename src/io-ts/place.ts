/**
 * Finds the place in a value where a codec refused it.
 *
 * io-ts returns the path to it as a list of entries. It does not distinguish an index from a
 * key, nor a step into the value from the choice of a member of a union or an intersection,
 * whose number it writes in the place of a key. The codec of the previous entry distinguishes
 * them, after removing wrappers (refinements, recursion) that add no entry of their own.
 */
import type * as t from 'io-ts'
import { isSecret, shortenValue } from './show.js'

/** More wrappers than any real codec has; a codec that wraps itself must not cause an endless loop. */
const mostWrappers = 100

/**
 * Properties that io-ts's own codecs have beyond `Type`. Other
 * codecs have none of them, or anything under these names.
 */
export interface Tagged {
  readonly _tag?: unknown
  /** The codec inside a wrapper. */
  readonly type?: unknown
  /** The key with which a tagged union distinguishes its members. */
  readonly tag?: unknown
}

/**
 * A codec as an object with perhaps more than `Type` says. Every object is one: all that is asked for is
 * optional and unknown.
 */
const taggedOf = (codec: unknown): Tagged => (typeof codec === 'object' && codec !== null ? codec : {})

/** Returns the codec within the wrappers that add no entry of their own. */
export const unwrap = (codec: unknown): Tagged => {
  let inner = taggedOf(codec)
  for (let count = 0; count < mostWrappers; count++) {
    switch (inner._tag) {
      case 'RefinementType':
      case 'ReadonlyType':
      case 'ExactType':
      case 'RecursiveType':
        inner = taggedOf(inner.type)
        break
      default:
        return inner
    }
  }
  return inner
}

const tagOf = (codec: unknown): unknown => unwrap(codec)._tag

const isNumber = (key: string): boolean => /^\d+$/.test(key)

/** Whether the entry at `index` chooses a member of a union. */
export const isUnionMember = (context: t.Context, index: number): boolean => {
  const tag = tagOf(context[index - 1]?.type)
  return tag === 'UnionType' || (tag === undefined && staysInPlace(context, index))
}

/** Whether the entry at `index` chooses a member of an intersection. */
export const isIntersectionMember = (context: t.Context, index: number): boolean =>
  tagOf(context[index - 1]?.type) === 'IntersectionType'

/** After a user-defined codec: a number that leads to the identical value cannot be an index. */
const staysInPlace = (context: t.Context, index: number): boolean => {
  const [before, entry] = [context[index - 1], context[index]]
  return (
    before !== undefined &&
    entry !== undefined &&
    isNumber(entry.key) &&
    before.actual !== undefined &&
    Object.is(before.actual, entry.actual)
  )
}

/** Whether the entry at `index` goes one step into the value. */
const isStep = (context: t.Context, index: number): boolean =>
  index > 0 && !isIntersectionMember(context, index) && !isUnionMember(context, index)

/** Whether no entry after `index` goes further into the value. */
export const endsAt = (context: t.Context, index: number): boolean => {
  for (let later = index + 1; later < context.length; later++) if (isStep(context, later)) return false
  return true
}

const written = (key: string, holder: unknown): string => {
  if (isNumber(key) && (Array.isArray(holder) || typeof holder !== 'object')) return `[${key}]`
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) && key.length <= 80
    ? `.${key}`
    : `[${JSON.stringify(shortenValue(key))}]`
}

/** The text for the path to the value itself. */
export const theValue = 'the value'

/** Returns the path to the entry at `last` in the syntax of a program: `.users[3].name`. */
export const pathTo = (context: t.Context, last: number): string => {
  let path = ''
  for (let index = 1; index <= last; index++) {
    const entry = context[index]
    if (entry !== undefined && isStep(context, index)) path += written(entry.key, context[index - 1]?.actual)
  }
  return path === '' ? theValue : path
}

/** Whether a step on the path to the entry at `last` has the name of a secret. */
export const leadsToSecret = (context: t.Context, last: number): boolean =>
  context.some((entry, index) => index <= last && isStep(context, index) && isSecret(entry.key))

/** Returns what is missing at the end of the path, a key or an element, if it is missing. */
export const missingAt = (context: t.Context): 'key' | 'element' | undefined => {
  let last = context.length - 1
  while (last > 0 && !isStep(context, last)) last--
  const holder = context[last - 1]?.actual
  const entry = context[last]
  if (entry === undefined || entry.actual !== undefined || typeof holder !== 'object' || holder === null)
    return undefined
  try {
    if (entry.key in holder) return undefined
  } catch {
    // A Proxy may throw.
    return undefined
  }
  return Array.isArray(holder) ? 'element' : 'key'
}
