/** Words for Tasks that go wrong. */
import { pretty } from '../data/reasons.js'
import { show } from '../data/show.js'
import { words } from '../data/words.js'
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
  return new TypeError(`Task.${name}: expected ${what}, got ${show(value)}`)
}

/** From now on everything is told that can go wrong. Gives `make`, the use of which is what can. */
export function tellAll<F>(make: F): F {
  Object.assign(words, { pretty, wrongTask })
  return make
}
