/**
 * piscina, where it is installed: an optional peer, so it is loaded only when an executor is made, and the
 * calls fail where it is missing.
 *
 * Each thread is a pool of one: piscina starts it and ends it. Which call is next we decide ourselves, since
 * piscina's own queue has three habits that a typed executor cannot have: an aborted job is over before its
 * thread has ended, a job that waits while the last thread fails to start never settles, and which thread
 * runs a job is unknown. How values cross: see worker-thread.ts.
 */
import type { Piscina } from 'piscina'
import { ExecutorError } from '../data/errors.js'

export type PiscinaClass = typeof Piscina

/** The class, or the error that says how to have it. */
export async function loadPiscina(): Promise<PiscinaClass | ExecutorError> {
  try {
    return (await import('piscina')).Piscina
  } catch (thrown) {
    return new ExecutorError(
      'NotInstalled',
      'an executor runs on the package piscina, which could not be loaded: npm install piscina',
      thrown
    )
  }
}
