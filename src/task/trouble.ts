/** What is done about Tasks that go wrong. */
import { disown } from '../data/promises.js'
import { apart, type Cause, combineAll, markUntyped, pretty } from '../data/reasons.js'
import { expected, refusal } from '../data/show.js'
import { trouble } from '../data/trouble.js'
import { Op } from './op.js'

const names: { readonly [K in Op]?: string } = {
  [Op.Named]: 'named',
  [Op.Suspend]: 'suspend',
  [Op.FlatMap]: 'flatMap',
  [Op.Map]: 'map',
  [Op.OrElse]: 'orElse or its kin',
  [Op.CatchCause]: 'catchCause or its kin'
}

function wrongTask(value: unknown, from: number, top: unknown): TypeError {
  const name = names[(from < 0 ? top : from) as Op] ?? 'suspend'
  const what = from < 0 ? 'to stand behind a Task' : 'a Task'
  return expected(`Task.${name}`, what, value)
}

const others = (cause: Cause<unknown>): Cause<unknown> | undefined => combineAll(apart(cause).slice(1))

function pastHandler(cause: Cause<unknown>, tag: unknown): void {
  for (const reason of cause.reasons) {
    if (reason._tag !== 'Fail') continue
    const error = reason.error as { readonly _tag?: unknown } | null | undefined
    if (typeof tag !== 'string' || error?._tag === tag) markUntyped(reason)
  }
}

/** From now on there is an answer to all trouble. Gives `make`, by which it comes. */
export function withTrouble<F>(make: F): F {
  Object.assign(trouble, { pretty, others, pastHandler, wrongTask })
  refusal.disown = disown
  return make
}
