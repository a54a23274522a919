/**
 * Exits in a form that a test can compare at a glance.
 *
 * A cause carries a trace, ids and results that most tests do not ask about; `tell` leaves the value, or the reasons in
 * their order, so that one `toEqual` says the whole expectation: `reasons(Fail('a'), Interrupt)`.
 */
import type { Cause, Exit, Task } from 'aio-ts'
import { isRight } from 'fp-ts/lib/Either.js'
import { runVirtual, type VirtualOptions } from '../support/kit.js'

export type ToldReason = { readonly Fail: unknown } | { readonly Die: unknown } | 'Interrupt'
export type Told = { readonly value: unknown } | { readonly reasons: ReadonlyArray<ToldReason> }

export const Fail = (error: unknown): ToldReason => ({ Fail: error })
export const Die = (defect: unknown): ToldReason => ({ Die: defect })
export const Interrupt: ToldReason = 'Interrupt'
export const value = (a: unknown): Told => ({ value: a })
export const reasons = (...all: ReadonlyArray<ToldReason>): Told => ({ reasons: all })

export const reasonsOf = <E, A>(exit: Exit.Exit<E, A>): ReadonlyArray<Cause.Reason<E>> =>
  isRight(exit) ? [] : exit.left.reasons

const tellReason = (reason: Cause.Reason<unknown>): ToldReason => {
  switch (reason._tag) {
    case 'Fail':
      return Fail(reason.error)
    case 'Die':
      return Die(reason.defect)
    case 'Interrupt':
      return Interrupt
  }
}

export const toldReasons = (cause: Cause.Cause<unknown>): ReadonlyArray<ToldReason> =>
  cause.reasons.map(tellReason)

export const tellCause = (cause: Cause.Cause<unknown>): Told => reasons(...toldReasons(cause))

export const tell = (exit: Exit.Exit<unknown, unknown>): Told =>
  isRight(exit) ? value(exit.right) : tellCause(exit.left)

/** Runs on virtual time and tells how it ended. */
export const told = async (task: Task.Task<unknown, unknown>, options: VirtualOptions = {}): Promise<Told> =>
  tell((await runVirtual(task, options)).exit)

/** The first defect of a run that must die. */
export const defectOf = async (
  task: Task.Task<unknown, unknown>,
  options: VirtualOptions = {}
): Promise<unknown> => {
  const { exit } = await runVirtual(task, options)
  const first = reasonsOf(exit)[0]
  if (first?._tag !== 'Die') throw new Error(`expected a defect, got ${JSON.stringify(tell(exit))}`)
  return first.defect
}

/** The results that the `Interrupt` reasons of an exit carry. */
export const carried = (exit: Exit.Exit<unknown, unknown>): ReadonlyArray<Told> =>
  reasonsOf(exit).flatMap((reason) =>
    reason._tag === 'Interrupt' && reason.result._tag === 'Some' ? [tell(reason.result.value)] : []
  )
