/** `node bench/size/measure.js [--peers]`: the size of every fixture, with what is wrong with it, as JSON. */
import { bundlesOf } from './bundle.js'
import { fixtures, peers } from './fixtures.js'

/** @typedef {import('../results.js').Size & { readonly faults: ReadonlyArray<string> }} Weighed */

/**
 * @param {import('./fixtures.js').Fixture} fixture
 * @param {import('./bundle.js').Bundle} bundle
 */
const faultsOf = ({ name, budget, usesSchedule }, { bundler, gzipped, schedule }) => [
  ...(budget !== undefined && gzipped > budget
    ? [`${name} has ${gzipped} bytes with ${bundler}, ${gzipped - budget} over its budget of ${budget}`]
    : []),
  ...(usesSchedule !== true && schedule > 0
    ? [`${name} uses no Schedule, yet ${schedule} bytes of it are in its bundle with ${bundler}`]
    : [])
]

/** @type {Array<Weighed>} */
const weighed = []
for (const fixture of process.argv.includes('--peers') ? [...fixtures, ...peers] : fixtures) {
  for (const bundle of await bundlesOf(fixture)) {
    const { bundler, minified, gzipped } = bundle
    const isHeld = fixture.budgetOf?.includes(bundler) ?? true
    const budget = isHeld ? fixture.budget : undefined
    weighed.push({
      fixture: fixture.name,
      what: fixture.what,
      bundler,
      minified,
      gzipped,
      ...(budget !== undefined && { budget }),
      ...(isHeld && fixture.target !== undefined && { target: fixture.target }),
      faults: isHeld ? faultsOf(fixture, bundle) : []
    })
  }
}
console.log(JSON.stringify(weighed))
