/** What may be said about an inspector, and what is wrong with what was said. */
import { checkCount, describeValue } from '../data/check-input.js'

/** What an inspector is made with; all may be left out. */
export interface InspectOptions {
  /** 0, which is what it is if left out: any free one. */
  readonly port?: number
  /** The address to listen on: 127.0.0.1 if left out, so that nobody outside of this machine gets through. */
  readonly host?: string
  /**
   * Further names under which browsers may ask for it, with their ports ('localhost:9000', behind a forwarded
   * port); others are refused, so that a web page cannot get at it by a name of its own (DNS rebinding).
   */
  readonly allowedHosts?: ReadonlyArray<string>
  /** The secret in its address, 16 to 128 letters, digits, - and _; a random one if left out. */
  readonly token?: string
  /** The name of the program, on the page; that of its main file if left out. */
  readonly title?: string
  /** Whether the process stays alive as long as it is open; false if left out. */
  readonly keepAlive?: boolean
}

const isNonEmptyText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** A name or an address with an optional port, as a Host header may contain it. */
const hostPattern = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i

/** Undefined where they make sense. */
export function checkInspectOptions(where: string, options: InspectOptions): Error | undefined {
  if (typeof options !== 'object' || options === null) {
    return new TypeError(`${where}: expected an object of options, got ${describeValue(options)}`)
  }
  const { port = 0, host = 'a', allowedHosts = [], token, title, keepAlive = false } = options
  const wrongPort = checkCount(where, 'a port', 0, port)
  if (wrongPort !== undefined) return wrongPort
  if (port > 65_535) return new RangeError(`${where}: expected a port of at most 65535, got ${port}`)
  if (!isNonEmptyText(host))
    return new TypeError(`${where}: expected host to be an address, got ${describeValue(host)}`)
  if (
    !Array.isArray(allowedHosts) ||
    !allowedHosts.every((name) => isNonEmptyText(name) && hostPattern.test(name))
  ) {
    const wrong = Array.isArray(allowedHosts)
      ? allowedHosts.find((name) => !isNonEmptyText(name) || !hostPattern.test(name))
      : allowedHosts
    return new TypeError(
      `${where}: expected allowedHosts to be names as 'localhost:9000', without http:// and path, got ${describeValue(wrong)}`
    )
  }
  // Never with what was given: it may be nearly right, and the message may go into a log.
  if (token !== undefined && !(isNonEmptyText(token) && /^[\w-]{16,128}$/.test(token))) {
    return new TypeError(`${where}: expected a token of 16 to 128 letters, digits, - and _`)
  }
  if (title !== undefined && typeof title !== 'string') {
    return new TypeError(`${where}: expected title to be a text, got ${describeValue(title)}`)
  }
  if (typeof keepAlive !== 'boolean') {
    return new TypeError(`${where}: expected keepAlive to be true or false, got ${describeValue(keepAlive)}`)
  }
  return undefined
}
