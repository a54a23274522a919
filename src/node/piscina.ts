/**
 * piscina, where it is installed: an optional peer, so it is loaded only when somebody makes an executor, and what is missing is
 * told by the calls.
 *
 * Each thread is a pool of one. piscina brings the thread, the wake-up through shared memory and the transfer; whose turn it is we
 * say ourselves, since its own queue has three habits that a typed executor cannot have: an aborted job is over before its thread
 * has ended, a job that waits while the last thread fails to start never settles, and which thread runs a job is not told.
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
