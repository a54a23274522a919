/** What was found, as tables for a terminal and for docs/benchmarks.md alike, and the losses in words. */
import {
  executorsTarget,
  flatTarget,
  floor,
  inspectorTarget,
  libraries,
  ours,
  startTarget,
  typesTarget
} from '../results.js'
import { workloads } from '../workloads.js'

/** @typedef {import('../results.js').Results} Results */

/** @param {number} figure */
const rounded = (figure) =>
  figure < 100 ? figure.toFixed(figure < 10 ? 2 : 1) : Math.round(figure).toLocaleString('en')

/** @param {number} ratio */
const times = (ratio) => `${ratio < 10 ? ratio.toFixed(2) : rounded(ratio)}x`

/**
 * @param {ReadonlyArray<string>} head
 * @param {ReadonlyArray<ReadonlyArray<string>>} lines
 */
const table = (head, lines) =>
  [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** @param {ReadonlyArray<import('../results.js').Row>} rows */
export const workloadTable = (rows) => {
  const shown = libraries.filter((library) =>
    rows.some(({ results, failures }) => results[library] !== undefined || failures[library] !== undefined)
  )
  return table(
    ['workload', ...shown, 'targets'],
    rows.map((row) => [
      row.name,
      ...shown.map((library) => {
        const result = row.results[library]
        if (result === undefined) return row.failures[library] ?? '-'
        const fewer = result.n < row.n ? ` (only ${result.n.toLocaleString('en')} of them)` : ''
        const figure = `${rounded(result.figure)} ${row.unit}`
        return library === ours || Number.isNaN(result.ratio)
          ? figure
          : `${times(result.ratio)}, ${figure}${fewer}`
      }),
      row.targets
        .map(({ library, atLeast, isMet }) => `${library} ${times(atLeast)}: ${isMet ? 'met' : 'missed'}`)
        .join('; ')
    ])
  )
}

/** What the timed workloads have to reach together, against Effect. */
const meanTarget = 4

/**
 * How many times our cost Effect has, as the geometric mean of the timed workloads; those that are too long to be repeated are left
 * out, as in the targets. Undefined where Effect was not measured.
 *
 * @param {ReadonlyArray<import('../results.js').Row>} rows
 */
export const geometricMean = (rows) => {
  const isRepeated = new Set(workloads.filter(({ once }) => once !== true).map(({ name }) => name))
  let sum = 0
  let count = 0
  for (const { name, unit, results } of rows) {
    const { ratio = Number.NaN } = results.effect ?? {}
    if (unit !== 'ns' || !isRepeated.has(name) || Number.isNaN(ratio)) continue
    sum += Math.log(ratio)
    count++
  }
  return count === 0 ? undefined : Math.exp(sum / count)
}

/** The same in words, or nothing. @param {ReadonlyArray<import('../results.js').Row>} rows */
export const meanSentence = (rows) => {
  const mean = geometricMean(rows)
  return (
    mean !== undefined &&
    `Geometric mean of the timed workloads against Effect: ${times(mean)}; wanted is ${times(meanTarget)}: ${mean >= meanTarget ? 'met' : 'missed'}`
  )
}

/** @param {ReadonlyArray<import('../costs/measure.js').Cost>} costs */
export const costsTable = (costs) =>
  table(
    ['operation', 'ns', 'bytes'],
    costs.map(({ name, ns, bytes }) => [
      name,
      Math.round(ns).toLocaleString('en'),
      Math.round(bytes).toLocaleString('en')
    ])
  )

/** @param {ReadonlyArray<import('../http/measure.js').Service>} services */
export const httpTable = (services) =>
  table(
    ['service', 'requests a second', 'at a rate of', 'p50', 'p99', 'p99.9'],
    services.map(({ library, perSecond, rate, p50, p99, p999 }) => [
      library,
      Math.round(perSecond).toLocaleString('en'),
      `${rate.toLocaleString('en')} a second`,
      ...[p50, p99, p999].map((ms) => `${ms.toFixed(2)} ms`)
    ])
  )

/** @param {Results['alone']} alone */
export const aloneTable = (alone) =>
  table(
    ['workload', 'aio-ts', 'effect'],
    alone.map(({ name, ours: own, theirs, ratio }) => [
      name,
      `${rounded(own)} ns`,
      `${times(ratio)}, ${rounded(theirs)} ns`
    ])
  )

/** @param {Results['flat']} flat */
export const flatTable = (flat) =>
  table(
    ['workload', 'ns at 1e4', 'ns at 1e6', 'ratio', 'the floor', `target ${flatTarget}x`],
    flat.map(({ name, few, many, ratio, least }) => [
      name,
      rounded(few),
      rounded(many),
      times(ratio),
      least === undefined ? '' : times(least),
      ratio <= flatTarget ? 'met' : 'missed'
    ])
  )

/** What ours are to take a part of. */
const peerOfStart = 'effect/Effect'

/** @param {Results['start']} start @param {string} wanted */
const msOf = (start, wanted) => start.find(({ entry }) => entry === wanted)?.ms

/** @param {Results['start']} start */
export const startTable = (start) => {
  const theirs = msOf(start, peerOfStart)
  return table(
    ['entry', 'ms', `of ${peerOfStart}`],
    start.map(({ entry, ms }) => [entry, ms.toFixed(1), theirs === undefined ? '' : times(ms / theirs)])
  )
}

/** @param {Results['types']} types */
export const typesTable = (types) =>
  table(
    ['compiler', 'library', 'instantiations', 'check time'],
    types.map(({ compiler, library, instantiations, checkSeconds }) => [
      compiler,
      library,
      instantiations.toLocaleString('en'),
      `${checkSeconds.toFixed(2)} s`
    ])
  )

/** @param {Results['sizes']} sizes */
export const sizeTable = (sizes) =>
  table(
    ['bundle', 'what', 'bundler', 'minified', 'gzipped', 'target', 'budget'],
    sizes.map(({ fixture, what, bundler, minified, gzipped, target, budget }) => [
      fixture,
      what,
      bundler,
      minified.toLocaleString('en'),
      gzipped.toLocaleString('en'),
      target === undefined ? '' : `${target.toLocaleString('en')}: ${gzipped <= target ? 'met' : 'missed'}`,
      budget?.toLocaleString('en') ?? ''
    ])
  )

/** @param {ReadonlyArray<number>} ratios */
const rangeOf = (ratios) => `${Math.min(...ratios).toFixed(2)} to ${times(Math.max(...ratios))}`

/** @param {Results['executors']} executors */
export const executorsTable = (executors) =>
  table(
    [
      'jobs',
      'an executor',
      'raw piscina, raw BullMQ',
      'ratio',
      'of all processes',
      `target ${executorsTarget}x`
    ],
    executors.map(({ name, ours: own, raw, ratio, ratios = [ratio], isAgainstCopy }) => [
      name,
      `${rounded(own)} us`,
      `${rounded(raw)} us`,
      times(ratio),
      rangeOf(ratios),
      ratio <= (isAgainstCopy ? 1 : executorsTarget) ? 'met' : 'missed'
    ])
  )

/** @param {Results['traces']} traces */
export const tracesTable = (traces) =>
  table(
    ['workload', 'ns with traces off', 'ns with traces on', 'ratio'],
    traces.map(({ name, off, on, ratio }) => [name, rounded(off), rounded(on), times(ratio)])
  )

/** @param {import('../results.js').Inspector} inspector */
export const inspectorTable = ({ costs, answers }) =>
  [
    table(
      [
        '10,000 fibers',
        'without',
        'nobody looks',
        'an answer',
        'asked for each',
        'a page looks',
        'of all processes',
        `target ${inspectorTarget}x`
      ],
      costs.map(({ name, without, unseen, answerMs, betweenMs, seen, ratios = [seen] }) => [
        name,
        `${rounded(without)} us`,
        times(unseen),
        `${answerMs.toFixed(1)} ms`,
        `${betweenMs.toFixed(0)} ms`,
        times(seen),
        rangeOf(ratios),
        Math.max(unseen, seen) <= inspectorTarget ? 'met' : 'missed'
      ])
    ),
    table(
      ['fibers alive', 'an answer to the page', 'bytes'],
      answers.map(({ fibers, ms, bytes }) => [
        fibers.toLocaleString('en'),
        `${ms.toFixed(1)} ms`,
        bytes.toLocaleString('en')
      ])
    )
  ].join('\n\n')

/** @param {import('../results.js').Inspector | undefined} inspector */
const inspectorLosses = (inspector) =>
  (inspector?.costs ?? []).flatMap(({ name, unseen, seen }) =>
    Math.max(unseen, seen) <= inspectorTarget
      ? []
      : [
          `${name}: with an inspector ${times(unseen)}, while a page looks ${times(seen)} the cost; wanted is ${times(inspectorTarget)}`
        ]
  )

/** @param {Results['start']} start */
const startLosses = (start) => {
  const own = msOf(start, ours)
  const theirs = msOf(start, peerOfStart)
  if (own === undefined || theirs === undefined || own <= theirs * startTarget) return []
  return [
    `importing ${ours} takes ${times(own / theirs)} the time of importing ${peerOfStart}; wanted is ${times(startTarget)}`
  ]
}

/** @param {Results['types']} types */
const typesLosses = (types) =>
  types.flatMap(({ compiler, library, instantiations }) => {
    if (library !== ours) return []
    const theirs = types.find((other) => other.compiler === compiler && other.library === 'effect')
    if (theirs === undefined || instantiations <= theirs.instantiations * typesTarget) return []
    return [
      `${compiler} needs ${times(instantiations / theirs.instantiations)} the instantiations of the same in Effect; wanted is ${times(typesTarget)}`
    ]
  })

/**
 * Targets that are missed, and workloads at which somebody else is faster, each as a sentence.
 *
 * @param {Results} results
 */
export const lossesOf = ({ rows, flat, start, types, sizes, executors, inspector }) => ({
  missed: [
    ...rows.flatMap(({ name, targets }) =>
      targets
        .filter(({ isMet }) => !isMet)
        .map(
          ({ library, atLeast, ratio, most }) =>
            `${name}: ${library} takes ${times(ratio)} our cost; wanted is ${times(atLeast)}${most === undefined ? '' : `; a library that costs nothing would have ${times(most)}`}`
        )
    ),
    ...flat
      .filter(({ ratio }) => ratio > flatTarget)
      .map(
        ({ name, ratio, least }) =>
          `${name}: an operation costs ${times(ratio)} as much at 1e6 as at 1e4${least === undefined ? '' : `; without any library ${times(least)}`}`
      ),
    ...startLosses(start),
    ...typesLosses(types),
    ...inspectorLosses(inspector),
    ...executors
      .filter(({ ratio, isAgainstCopy }) => ratio > (isAgainstCopy ? 1 : executorsTarget))
      .map(
        ({ name, ratio }) =>
          `${name}: a job takes ${times(ratio)} what it takes without us; wanted is ${times(executorsTarget)}`
      ),
    ...sizes.flatMap(({ fixture, bundler, gzipped, target }) =>
      target !== undefined && gzipped > target
        ? [`${fixture}: ${gzipped} bytes gzipped with ${bundler}; wanted are ${target}`]
        : []
    )
  ],
  slower: rows.flatMap(({ name, results }) =>
    Object.entries(results)
      .filter(([library, { ratio }]) => library !== ours && library !== floor && ratio < 1)
      .map(([library, { ratio }]) => `${name}: ${library} needs ${times(ratio)} our cost`)
  )
})
