/** Converts an IO and an IOEither of fp-ts into a Task. */
import type { IO } from 'fp-ts/lib/IO.js'
import type { IOEither } from 'fp-ts/lib/IOEither.js'
import { refuseFunction } from '../core/construct.js'
import { Op, primitive, type Task } from '../core/node.js'
import { eitherAs } from './from-either.js'

/** Calls `io` each time the Task is run, and succeeds with its result. An exception in it is a defect. */
export const fromIO = <A>(io: IO<A>): Task<never, A> =>
  typeof io === 'function' ? primitive(Op.Sync, io) : refuseFunction('fromIO', io)

/** Calls `io` each time the Task is run: a Left fails, a Right succeeds. An exception in it is a defect. */
export const fromIOEither = <E, A>(io: IOEither<E, A>): Task<E, A> =>
  typeof io === 'function'
    ? primitive(Op.Suspend, () => eitherAs('fromIOEither', io()))
    : refuseFunction('fromIOEither', io)
