/** The options of an inspector, and their validation. */
import { expected } from '../data/check-input.js'
import { checkOptions, count, fitting, flag, type OptionRule } from '../data/check-options.js'

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

/** A list of names as in a Host header. */
const hostNames: OptionRule = (where, name, value) => {
  const isHost = (host: unknown): boolean => isNonEmptyText(host) && hostPattern.test(host)
  const wrong = Array.isArray(value) ? value.filter((host) => !isHost(host)) : [value]
  const what = `${name} to be names as 'localhost:9000', without http:// and path`
  return wrong.length === 0 ? undefined : expected(where, what, wrong[0])
}

/** Returns undefined if the options are valid, otherwise the error. */
export const checkInspectOptions = (where: string, options: InspectOptions): Error | undefined =>
  checkOptions(where, options, {
    port: (_where, _name, value) =>
      count(0, 'a port')(where, 'port', value) ??
      (Number(value) > 65_535
        ? new RangeError(`${where}: expected a port of at most 65535, got ${value}`)
        : undefined),
    host: fitting('host to be an address', isNonEmptyText),
    allowedHosts: hostNames,
    // The message does not contain the value: it may be nearly right, and the message may be written to a log.
    token: (_where, _name, value) =>
      isNonEmptyText(value) && /^[\w-]{16,128}$/.test(value)
        ? undefined
        : new TypeError(`${where}: expected a token of 16 to 128 letters, digits, - and _`),
    title: fitting('title to be a text', (value) => typeof value === 'string'),
    keepAlive: flag
  })
