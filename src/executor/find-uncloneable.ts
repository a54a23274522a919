/**
 * Which parts of an error cross a boundary.
 *
 * A typed error is data: its own fields are sent. Of what the job's codec declares, exactly the declared
 * fields; of an error with a `_tag`, all that can be carried. An Error without either may be anything, a
 * failed HTTP request with all its headers as well: of its fields only the primitive ones are sent.
 */
import type * as t from 'io-ts'
import { describeValue } from '../data/check-input.js'
import { host } from '../data/host.js'
import { quote } from '../data/quote.js'
import { findUnserializable, type Uncloneable } from './json.js'

/** What carries values to the other side: JSON in a queue, or structured clone between threads. */
export type Boundary = 'json' | 'clone'

/** A property; undefined where reading it throws. */
export function readField(object: object, key: string): unknown {
  try {
    return Reflect.get(object, key)
  } catch {
    return undefined
  }
}

const isString = (value: unknown): value is string => typeof value === 'string'

/** Also one of another realm. */
export function isErrorOfAnyRealm(value: unknown): value is object {
  try {
    return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
  } catch {
    return false
  }
}

/** Also what a library has built that throws no Errors, but what looks like them. */
export const isErrorLike = (value: unknown): value is object =>
  isErrorOfAnyRealm(value) ||
  (typeof value === 'object' &&
    value !== null &&
    isString(readField(value, 'message')) &&
    isString(readField(value, 'stack')))

const isObjectOrFunction = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

/** What structured clone has thrown, or a getter, in a few words. */
export const messageOfThrown = (thrown: unknown): string => {
  const message = isErrorLike(thrown) ? readField(thrown, 'message') : undefined
  return isString(message) ? quote(message) : describeValue(thrown)
}

/** What of a value cannot cross; undefined where all of it can. Never throws. */
export function findUncloneable(value: unknown, boundary: Boundary): Uncloneable | undefined {
  try {
    if (boundary === 'json') return findUnserializable(value)
    if (typeof value === 'symbol' || typeof value === 'function')
      return { what: describeValue(value), path: '' }
    if (isObjectOrFunction(value)) host.structuredClone?.(value)
    return undefined
  } catch (thrown) {
    return { what: messageOfThrown(thrown), path: '' }
  }
}

/** Names of its own fields; none where even that throws. */
const keysOf = (object: object): ReadonlyArray<string> => {
  try {
    return Object.keys(object)
  } catch {
    return []
  }
}

function pick(
  object: object,
  keys: ReadonlyArray<string>,
  isTaken: (value: unknown) => boolean
): Record<string, unknown> {
  const taken: Array<readonly [string, unknown]> = []
  for (const key of keys) {
    const value = readField(object, key)
    if (value !== undefined && isTaken(value)) taken.push([key, value])
  }
  return Object.fromEntries(taken)
}

/**
 * The primitive fields of an object that is no Error; undefined where it has none, or is a list of others.
 */
export function primitivesOf(value: unknown, boundary: Boundary): unknown {
  // The elements of a typed array are its keys: the list of them may not fit into memory.
  if (!isObjectOrFunction(value) || ArrayBuffer.isView(value) || value instanceof String) return undefined
  const isCarried = (part: unknown): boolean =>
    !isObjectOrFunction(part) && findUncloneable(part, boundary) === undefined
  if (Array.isArray(value)) return value.length <= 100 && value.every(isCarried) ? [...value] : undefined
  const parts = pick(value, keysOf(value).slice(0, 100), isCarried)
  return Object.keys(parts).length === 0 ? undefined : parts
}

/** The declared fields of the errors that a codec has let through as they are. */
const declaredFields = /* @__PURE__ */ new WeakMap<object, ReadonlyArray<string>>()

/** What of an error is sent apart from its fields. */
const ownParts: ReadonlySet<string> = /* @__PURE__ */ new Set(['name', 'message', 'stack', 'cause', 'errors'])

/** The fields of a typed error that cross. */
export function fieldsOf(error: object, boundary: Boundary): Readonly<Record<string, unknown>> {
  const isCarried = (value: unknown): boolean => findUncloneable(value, boundary) === undefined
  const isTakenApart = isErrorOfAnyRealm(error)
  const isPart = (key: string): boolean =>
    isTakenApart && ownParts.has(key) && !isData(key, readField(error, key))
  const names = declaredFields.get(error)
  const keys = (names ?? keysOf(error)).filter((key) => !isPart(key))
  const tag = readField(error, '_tag')
  if (!isString(tag)) {
    return pick(
      error,
      keys,
      (value) => isCarried(value) && (names !== undefined || !isObjectOrFunction(value))
    )
  }
  return { ...pick(error, keys, isCarried), _tag: tag }
}

/** `errors` may be a field like others: a list of texts, say. */
const isData = (key: string, value: unknown): boolean =>
  key === 'errors' && !(Array.isArray(value) && value.some(isErrorLike))

type Codec = t.Mixed & {
  readonly _tag?: string
  readonly props?: object
  readonly type?: Codec
  readonly types?: ReadonlyArray<Codec>
}

/** Names of the fields that a codec asks for; undefined where it does not say. */
function fieldNamesIn(codec: Codec, value: unknown): ReadonlyArray<string> | undefined {
  switch (codec._tag) {
    case 'InterfaceType':
    case 'PartialType':
    case 'StrictType':
      return codec.props === undefined ? undefined : Object.keys(codec.props)
    case 'IntersectionType': {
      const lists = (codec.types ?? []).map((part) => fieldNamesIn(part, value))
      return lists.some((list) => list === undefined) ? undefined : lists.flatMap((list) => list ?? [])
    }
    case 'UnionType': {
      const member = codec.types?.find((part) => part.is(value))
      return member === undefined ? undefined : fieldNamesIn(member, value)
    }
    case 'ExactType':
    case 'RefinementType':
    case 'ReadonlyType':
    case 'RecursiveType':
      return codec.type === undefined ? undefined : fieldNamesIn(codec.type, value)
    default:
      return undefined
  }
}

/**
 * An error that its codec lets through as it is: from now on the fields that it declares are those that
 * cross.
 */
export function noteDeclared(codec: t.Mixed, encoded: unknown): void {
  if (!isErrorOfAnyRealm(encoded)) return
  const names = fieldNamesIn(codec, encoded)
  if (names !== undefined) declaredFields.set(encoded, names)
}
