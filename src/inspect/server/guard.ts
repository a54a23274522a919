/**
 * Which requests are answered. The inspector shows the inside of a program, so it answers only requests that
 * have its secret address.
 *
 * That it listens on the loopback only keeps other machines out, not the web pages in a browser on this one:
 * those can send requests to it, and by a name of their own that leads here (DNS rebinding) even read the
 * answers. So the Host must be a name that is ours, an Origin too where one is sent, and the path begins with
 * a secret.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** 128 bits, as 22 letters. */
export const makeToken = (): string => randomBytes(16).toString('base64url')

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Compares in the same time whatever is given. */
export function tokenTest(token: string): (given: string) => boolean {
  const right = digest(token)
  return (given) => timingSafeEqual(digest(given), right)
}

/** The host as a URL and a Host header contain it. */
export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)

const usualPort = 80

/** Every Host that is ours, in small letters. */
export function hostsOf(
  host: string,
  port: number,
  allowedHosts: ReadonlyArray<string>
): ReadonlySet<string> {
  const names = ['127.0.0.1', 'localhost', '[::1]', bracketed(host)]
  const ours = names.flatMap((name) => [`${name}:${port}`, ...(port === usualPort ? [name] : [])])
  return new Set([...ours, ...allowedHosts].map((name) => name.toLowerCase()))
}

/** Browsers send an Origin with some requests; `null` is one that has none of its own. */
const isOurOrigin = (origin: string, hosts: ReadonlySet<string>): boolean => {
  const match = /^https?:\/\/([^/]+)$/.exec(origin.toLowerCase())
  return match?.[1] !== undefined && hosts.has(match[1])
}

/** Whether the request was meant for us, and comes from our own page or from none. */
export function isForUs({ headers, rawHeaders }: IncomingMessage, hosts: ReadonlySet<string>): boolean {
  const { host, origin } = headers
  // Node keeps the first of several values; a request with several is an attempt to show different ones to us
  // and to a proxy.
  const sent = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length
  if (host === undefined || sent !== 1 || !hosts.has(host.toLowerCase())) return false
  return origin === undefined || isOurOrigin(origin, hosts)
}

/** For every answer: nothing is loaded from elsewhere, run inline, framed, stored, or read by other sites. */
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
