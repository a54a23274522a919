/**
 * Error messages for Redis, one for each remedy: it cannot be reached, it refuses the password, its
 * certificate is not trusted, it is a replica, it is out of memory.
 */
import { describeValue } from '../data/check-input.js'

/** The certificate of the server, as Node judges it. */
const certificateCodes = /CERT|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH/

/**
 * Commands that a replica refuses, and what a server says that has just become one, or is to become a
 * primary.
 */
const replicaWords = /READONLY|UNBLOCKED|MASTERDOWN|LOADING/

const redisErrorCode = (error: Error): string => {
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' ? code : ''
}

/**
 * The message of an aggregate error is in its members: Node tries each address of a host, a cluster each
 * node.
 */
function rootOf(error: Error): Error {
  const { errors, lastNodeError } = error as { readonly errors?: unknown; readonly lastNodeError?: unknown }
  if (lastNodeError instanceof Error) return lastNodeError
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined
  return first instanceof Error ? first : error
}

/**
 * The error without the command that it is about: the arguments of that may be the password, or the whole
 * payload of a job. Everything that leaves this folder goes through here.
 */
export function withoutCommand(thrown: unknown): Error {
  if (!(thrown instanceof Error)) return new Error(describeValue(thrown))
  const { name, message, stack } = rootOf(thrown)
  // A command that a server does not know, as AUTH, is quoted.
  const words = message.replace(/,? with args beginning with:.*/s, '')
  const error = new Error(words)
  const code = redisErrorCode(rootOf(thrown))
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
  if (stack !== undefined && words === message)
    Object.defineProperty(error, 'stack', { value: stack, configurable: true })
  return code === '' ? error : Object.assign(error, { code })
}

export const redisErrorText = (thrown: unknown): string => withoutCommand(thrown).message

export const isOutOfMemory = (thrown: unknown): boolean => /\bOOM\b/.test(redisErrorText(thrown))

/** Whether the server is no primary any more, or none yet: another connection may lead to the one that is. */
export const isOfReplica = (thrown: unknown): boolean => replicaWords.test(redisErrorText(thrown))

/** Whether Redis itself has refused a command. */
export const isRedisRefusal = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.name === 'ReplyError'

/** What is wrong with what a person has configured, if it is that: to try again would change nothing. */
export function mistakeIn(place: string, thrown: unknown): string | undefined {
  const error = withoutCommand(thrown)
  const { message } = error
  const code = redisErrorCode(error)
  if (/WRONGPASS|NOAUTH|invalid password/i.test(message))
    return `Redis at ${place} does not accept the username and password of the connection: ${message}`
  if (certificateCodes.test(code) || code.startsWith('UNABLE_TO_'))
    return `the certificate of Redis at ${place} is not trusted: ${message} (${code}); set its authority as tls.ca`
  if (/DB index is out of range|invalid DB index/.test(message))
    return `Redis at ${place} has no database of the number of the connection: ${message}`
  return undefined
}

/** Why Redis could not be reached in time: its last error, or that it was not ready. */
export function silenceOf(place: string, ms: number, last: unknown, isConnected: boolean): string {
  const silence = `Redis at ${place} does not answer within ${ms} ms`
  if (last === undefined) {
    return isConnected ? `${silence}: it takes connections, but may still be loading its data` : silence
  }
  const error = withoutCommand(last)
  if (/READONLY/.test(error.message))
    return `Redis at ${place} has been a read-only replica for ${ms} ms: the connection has to lead to the primary`
  if (redisErrorCode(error) === 'EPROTO' || redisErrorCode(error).startsWith('ERR_SSL'))
    return `${silence} by TLS: is that the port for connections with TLS? ${error.message}`
  return `${silence}: ${error.message}`
}
