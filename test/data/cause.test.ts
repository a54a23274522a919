/** A cause is plain data that keeps every reason in its order, and can be shown to a person. */
import { Cause, Exit, runTaskExit, Task } from 'aio-ts'
import { isLeft, left, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { none, some } from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import {
  causeSummary,
  Die,
  Fail,
  failure,
  Interrupt,
  leftOf,
  reasonsOf,
  success,
  summary
} from '../support/exits.js'
import { runVirtual } from '../support/kit.js'

const causeOf = async (task: Task.Task<unknown, unknown>): Promise<Cause.Cause<unknown>> =>
  leftOf(await runTaskExit(task))

describe('Cause: the three kinds of reason (2)', () => {
  it('fail has one Fail with its error', () => {
    const error = { _tag: 'NoSuchUser' as const }
    const cause = Cause.fail(error)
    expect(cause.reasons).toHaveLength(1)
    expect(cause.reasons[0]).toEqual({ _tag: 'Fail', error })
    expect(Cause.failures(cause)[0]).toBe(error)
    expect(Cause.defects(cause)).toEqual([])
    expect(Cause.isInterrupted(cause)).toBe(false)
    expect(Cause.isInterruptedOnly(cause)).toBe(false)
  })

  it('die has one Die with its value', () => {
    const defect = new Error('bug')
    const cause = Cause.die(defect)
    expect(causeSummary(cause)).toEqual(failure(Die(defect)))
    expect(Cause.defects(cause)[0]).toBe(defect)
    expect(Cause.failures(cause)).toEqual([])
    expect(Cause.isInterrupted(cause)).toBe(false)
  })

  it('interrupt has the fiber that requested it, if known', () => {
    expect(Cause.interrupt().reasons[0]).toEqual({ _tag: 'Interrupt', by: none, result: none })
    expect(Cause.interrupt(7).reasons[0]).toEqual({ _tag: 'Interrupt', by: some(7), result: none })
    expect(Cause.isInterrupted(Cause.interrupt())).toBe(true)
    expect(Cause.isInterruptedOnly(Cause.interrupt(3))).toBe(true)
    expect(Cause.failures(Cause.interrupt())).toEqual([])
    expect(Cause.defects(Cause.interrupt())).toEqual([])
  })

  it('a mixed cause returns the reasons of each kind, in order', async () => {
    const cause = await causeOf(
      pipe(
        Task.fail('first'),
        Task.ensuring(Task.fail('second')),
        Task.ensuring(Task.die('bug')),
        Task.ensuring(Task.fail('third'))
      )
    )
    expect(causeSummary(cause)).toEqual(failure(Fail('first'), Fail('second'), Die('bug'), Fail('third')))
    expect(Cause.failures(cause)).toEqual(['first', 'second', 'third'])
    expect(Cause.defects(cause)).toEqual(['bug'])
    expect(Cause.isInterrupted(cause)).toBe(false)
  })

  it('an interruption with other reasons is interrupted, but not interrupted only', async () => {
    const cause = await causeOf(pipe(Task.interrupt, Task.ensuring(Task.fail('while cleaning'))))
    expect(causeSummary(cause)).toEqual(failure(Interrupt, Fail('while cleaning')))
    expect(Cause.isInterrupted(cause)).toBe(true)
    expect(Cause.isInterruptedOnly(cause)).toBe(false)
  })

  it('reasons is never empty and failCause ends with its cause', async () => {
    const cause = Cause.fail('a')
    const exit = await runTaskExit(Task.failCause(cause))
    expect(summary(exit)).toEqual(failure(Fail('a')))
  })
})

describe('Cause.pretty formats a cause (40)', () => {
  it('with the message and the stack of an error', () => {
    const error = new Error('the disk is full')
    const text = Cause.pretty(Cause.fail(error))
    expect(text).toContain('the disk is full')
    expect(text).toContain('cause.test.ts')
  })

  it('with every reason in order', async () => {
    const text = Cause.pretty(
      await causeOf(
        pipe(
          Task.fail(new Error('reading broke')),
          Task.ensuring(Task.die(new TypeError('closing broke'))),
          Task.ensuring(Task.fail(new Error('logging broke')))
        )
      )
    )
    expect(text.indexOf('reading broke')).toBeGreaterThanOrEqual(0)
    expect(text.indexOf('closing broke')).toBeGreaterThan(text.indexOf('reading broke'))
    expect(text.indexOf('logging broke')).toBeGreaterThan(text.indexOf('closing broke'))
  })

  it('with the fields of an error that is no Error', () => {
    const text = Cause.pretty(Cause.fail({ _tag: 'HttpError', status: 404 }))
    expect(text).toContain('HttpError')
    expect(text).toContain('404')
    expect(text).not.toContain('[object Object]')
    expect(Cause.pretty(Cause.fail('plain words'))).toContain('plain words')
    expect(Cause.pretty(Cause.die(undefined))).toContain('undefined')
    expect(Cause.pretty(Cause.die(null))).toContain('null')
    expect(Cause.pretty(Cause.die(Symbol('strange')))).toContain('strange')
  })

  it('also with values that cannot be formatted', () => {
    const circle: { self?: unknown } = {}
    circle.self = circle
    expect(typeof Cause.pretty(Cause.fail(circle))).toBe('string')
    expect(typeof Cause.pretty(Cause.die(Object.create(null)))).toBe('string')
    const hostile = {
      toString(): string {
        throw new Error('no string')
      },
      toJSON(): string {
        throw new Error('no json')
      }
    }
    expect(typeof Cause.pretty(Cause.die(hostile))).toBe('string')
    expect(typeof Cause.pretty(Cause.fail(10n))).toBe('string')
    expect(Cause.pretty(Cause.fail(10n))).toContain('10')
  })

  it('with the interruption and the fiber that requested it', () => {
    expect(Cause.pretty(Cause.interrupt(12)).toLowerCase()).toMatch(/interrupt.*12/s)
    expect(Cause.pretty(Cause.interrupt()).toLowerCase()).toContain('interrupt')
  })

  it('with the named tasks that the failure passed through', async () => {
    const cause = await causeOf(
      pipe(Task.fail('no answer'), Task.named('read the header'), Task.asUnit, Task.named('load the page'))
    )
    expect(cause.trace.join('\n')).toContain('read the header')
    expect(cause.trace.join('\n')).toContain('load the page')
    expect(cause.trace.findIndex((line) => line.includes('read the header'))).toBeLessThan(
      cause.trace.findIndex((line) => line.includes('load the page'))
    )
    const text = Cause.pretty(cause)
    expect(text).toContain('read the header')
    expect(text).toContain('load the page')
  })

  it('without tasks that ran beside the failing one', async () => {
    const cause = await causeOf(
      pipe(
        Task.unit,
        Task.named('innocent'),
        Task.flatMap(() => Task.fail('x'))
      )
    )
    expect(cause.trace.join('\n')).not.toContain('innocent')
  })
})

describe('Exit', () => {
  it('is an Either of a cause and a value', () => {
    expect(Exit.succeed(1)).toEqual(right(1))
    expect(isLeft(Exit.fail('a'))).toBe(true)
    expect(summary(Exit.fail('a'))).toEqual(failure(Fail('a')))
    expect(summary(Exit.die('d'))).toEqual(failure(Die('d')))
    expect(summary(Exit.interrupt(4))).toEqual(failure(Interrupt))
    expect(reasonsOf(Exit.interrupt(4))[0]).toMatchObject({ by: some(4) })
    expect(reasonsOf(Exit.interrupt())[0]).toMatchObject({ by: none })
    const cause = Cause.fail('c')
    expect(Exit.failCause(cause)).toEqual(left(cause))
  })

  it('fromExit ends with that exit', async () => {
    expect(summary((await runVirtual(Task.fromExit(Exit.succeed(5)))).exit)).toEqual(success(5))
    expect(summary((await runVirtual(Task.fromExit(Exit.fail('e')))).exit)).toEqual(failure(Fail('e')))
    expect(summary((await runVirtual(Task.fromExit(Exit.die('d')))).exit)).toEqual(failure(Die('d')))
  })
})
