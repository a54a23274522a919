/**
 * Decides which requests are answered. The inspector exposes the internals of a program, so it answers only
 * clients that know its address.
 *
 * Listening on the loopback address keeps out other machines, but not web pages in a browser on this machine.
 * They can send requests to the inspector and, under a name of their own that resolves to it (DNS rebinding),
 * even read the answers. Therefore the Host must be one of the inspector's, an Origin too if one is sent, and
 * the path must begin with a secret.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** 128 random bits, as 22 characters. */
export const makeToken = (): string => randomBytes(16).toString('base64url')

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Compares in constant time. */
export function tokenTest(token: string): (given: string) => boolean {
  const right = digest(token)
  return (given) => timingSafeEqual(digest(given), right)
}

/** Formats a host as it appears in a URL and in a Host header. */
export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)

const usualPort = 80

/** Returns every accepted Host, in lower case. */
export function hostsOf(
  host: string,
  port: number,
  allowedHosts: ReadonlyArray<string>
): ReadonlySet<string> {
  const names = ['127.0.0.1', 'localhost', '[::1]', bracketed(host)]
  const ours = names.flatMap((name) => [`${name}:${port}`, ...(port === usualPort ? [name] : [])])
  return new Set([...ours, ...allowedHosts].map((name) => name.toLowerCase()))
}

/** Browsers send an Origin with some requests, or `null` for a page that has no origin of its own. */
const isOurOrigin = (origin: string, hosts: ReadonlySet<string>): boolean => {
  const match = /^https?:\/\/([^/]+)$/.exec(origin.toLowerCase())
  return match?.[1] !== undefined && hosts.has(match[1])
}

/** Whether the request is meant for this server and comes from its own page or from no page. */
export function isForUs({ headers, rawHeaders }: IncomingMessage, hosts: ReadonlySet<string>): boolean {
  const { host, origin } = headers
  // Node keeps the first of several Host headers. A client that sends several wants this server and another
  // party to see different ones.
  const sent = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length
  if (host === undefined || sent !== 1 || !hosts.has(host.toLowerCase())) return false
  return origin === undefined || isOurOrigin(origin, hosts)
}

/**
 * Headers of every answer: nothing is loaded from elsewhere, run inline, framed, stored, or read by other
 * sites.
 */
export const safeHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin'
}
