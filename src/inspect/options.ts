/** The options of an inspector, and their validation. */
import { checkCount, describeValue } from '../data/check-input.js'

/** Options of `inspect`. All of them are optional. */
export interface InspectOptions {
  /** The port to listen on. 0, the default, is any free port. */
  readonly port?: number
  /** The address to listen on. The default is 127.0.0.1, which other machines cannot reach. */
  readonly host?: string
  /**
   * Further hosts, with their ports, under which browsers may request the page ('localhost:9000', behind a
   * forwarded port). Requests for other hosts are refused, so that a web page cannot reach the inspector
   * under a name of its own (DNS rebinding).
   */
  readonly allowedHosts?: ReadonlyArray<string>
  /** The secret in the address: 16 to 128 letters, digits, - and _. The default is a random one. */
  readonly token?: string
  /** The name of the program on the page. The default is the name of its main file. */
  readonly title?: string
  /** Whether the process stays alive as long as the inspector is open. The default is false. */
  readonly keepAlive?: boolean
}

const isNonEmptyText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** A name or an address with an optional port, as in a Host header. */
const hostPattern = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i

/** Returns undefined if the options are valid, otherwise the error. */
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
  // The message does not contain the value: it may be nearly right, and the message may be written to a log.
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
