/** What every error of the library has to be. */
import { expect } from 'vitest'

/** An error of the library: an Error with its tag, that says something. */
export function expectTagged(error: unknown, tag: string): void {
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({ _tag: tag })
  expect((error as Error).message).toMatch(/\w+ \w+/)
}

/** A bad argument: a RangeError or TypeError that names what it got. */
export function expectBadArgument(thrown: unknown, got: unknown): void {
  if (!(thrown instanceof RangeError) && !(thrown instanceof TypeError)) {
    throw new Error(`expected a RangeError or TypeError, got ${String(thrown)}`)
  }
  expect(thrown.message).toContain(String(got))
  expect(thrown.message).toMatch(/\w+ \w+ \w+/)
}
