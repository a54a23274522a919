/**
 * What JSON carries unchanged.
 *
 * `JSON.stringify` turns NaN into null, a Date into a text and a Map into `{}`, and says nothing: the
 * receiver gets another value than was sent. So a value is checked before it is sent, and the first part that
 * would change is named.
 */
import { isPlainKey, quote } from '../data/quote.js'

/**
 * Deeper values are refused: JSON's own recursion would overflow the stack at a depth that depends on the
 * host.
 */
const deepestJson = 1000

/** A path is written no longer than this many steps. */
const mostJsonSteps = 10

/** What would change on its way, and where. */
export interface Uncloneable {
  readonly what: string
  /** As it is written in code, beginning at the value: `.list[3].when`. Empty for the value itself. */
  readonly path: string
}

const classOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1)

/** What of an object other than a list or a plain one JSON would lose; undefined where there is nothing. */
function lossOf(value: object): string | undefined {
  const kind = classOf(value)
  if (kind !== 'Object' && kind !== 'Array') return `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`
  return typeof Reflect.get(value, 'toJSON') === 'function' ? 'an object with a toJSON method' : undefined
}

const step = (key: string): string => (isPlainKey(key) ? `.${key}` : `[${quote(key)}]`)

class JsonSearch {
  /** From the value down to the part that is looked at. A part that is in it already contains itself. */
  private readonly parents = new Set<object>()
  private readonly steps: Array<string | number> = []

  /** Describes the first part that JSON cannot represent; `steps` is the path to it. */
  find(value: unknown): string | undefined {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return undefined
      case 'number':
        return Number.isFinite(value) ? undefined : String(value)
      case 'object':
        return value === null ? undefined : this.findIn(value)
      case 'undefined':
        return 'undefined'
      default:
        return `a ${typeof value}`
    }
  }

  get path(): string {
    const steps = this.steps
      .slice(0, mostJsonSteps)
      .map((at) => (typeof at === 'number' ? `[${at}]` : step(at)))
    return `${steps.join('')}${this.steps.length > mostJsonSteps ? '...' : ''}`
  }

  private findIn(value: object): string | undefined {
    const loss = lossOf(value)
    if (loss !== undefined) return loss
    if (this.parents.has(value)) return 'a part that contains itself'
    if (this.parents.size === deepestJson) return `something nested more than ${deepestJson} deep`
    this.parents.add(value)
    const found = Array.isArray(value) ? this.findInList(value) : this.findInObject(value)
    this.parents.delete(value)
    return found
  }

  private findInList(list: ReadonlyArray<unknown>): string | undefined {
    // By index: a hole is read as undefined, which JSON would make null.
    for (let index = 0; index < list.length; index++) {
      this.steps.push(index)
      const found = this.find(list[index])
      if (found !== undefined) return found
      this.steps.pop()
    }
    return undefined
  }

  private findInObject(value: object): string | undefined {
    for (const [key, part] of Object.entries(value)) {
      // JSON leaves out a property that is undefined; a reader of the property sees undefined all the same.
      if (part === undefined) continue
      this.steps.push(key)
      const found = this.find(part)
      if (found !== undefined) return found
      this.steps.pop()
    }
    return undefined
  }
}

/**
 * The first part of `value` that JSON does not carry unchanged; undefined where it carries all of it.
 * Properties that are undefined are left out, and of an object of a class its fields arrive, as with
 * structured clone. Throws what a getter throws.
 */
export function findUnserializable(value: unknown): Uncloneable | undefined {
  if (value === undefined) return undefined
  const search = new JsonSearch()
  const what = search.find(value)
  return what === undefined ? undefined : { what, path: search.path }
}
