/** What the tests of searches and of sweeps share. */
import { ExploreError } from 'aio-ts/testing'
import { expect } from 'vitest'

/** The error of a search or a sweep that has found something. */
export const exploreErrorOf = async (running: Promise<unknown>): Promise<ExploreError> => {
  const outcome = await running.then(
    (result) => result,
    (error) => error
  )
  expect(outcome).toBeInstanceOf(ExploreError)
  return outcome
}
