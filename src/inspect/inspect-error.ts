/** The errors with which opening an inspector fails. Their messages say how to fix the problem. */

export type InspectProblem =
  /** Another program listens on that port. */
  | 'PortInUse'
  /** The system does not allow this user to listen on that port. */
  | 'PortForbidden'
  /** This machine does not have that address. */
  | 'HostUnknown'
  /** The system does not allow the server to listen, for another reason. */
  | 'NotListening'
  /** The files of the page are not where the package installs them. */
  | 'PageMissing'

/** The inspector could not be opened. `problem` says why, and `cause` is the system's error. */
export class InspectError extends Error {
  readonly _tag = 'InspectError' as const
  override readonly name = 'InspectError'
  constructor(
    readonly problem: InspectProblem,
    message: string,
    cause?: unknown
  ) {
    super(message, cause === undefined ? undefined : { cause })
  }
}

const listenErrorCode = (thrown: unknown): unknown => (thrown as { readonly code?: unknown } | null)?.code

/** Translates the system's error on listening into an InspectError with a readable message. */
export function listenError(host: string, port: number, thrown: unknown): InspectError {
  const code = listenErrorCode(thrown)
  switch (code) {
    case 'EADDRINUSE':
      return new InspectError(
        'PortInUse',
        `port ${port} of ${host} is taken: name another one, or 0 for any free one`,
        thrown
      )
    case 'EACCES':
    case 'EPERM':
      return new InspectError(
        'PortForbidden',
        `the system does not let this program listen on port ${port} of ${host}: name one above 1023, or 0 for any free one`,
        thrown
      )
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return new InspectError(
        'HostUnknown',
        `this machine has no address ${host}: leave host out for 127.0.0.1, or name one that it has`,
        thrown
      )
    default:
      return new InspectError('NotListening', `cannot listen on port ${port} of ${host} (${code})`, thrown)
  }
}
