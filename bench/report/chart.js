/**
 * `node bench/report/chart.js < results.json > chart.svg`: how many times our cost each peer has, as bars.
 *
 * By vega-lite: it has bars on a logarithmic scale, draws SVG without a browser, is looked after, and has a third of the size of
 * its rival echarts.
 */
import { readFileSync } from 'node:fs'
import * as vega from 'vega'
import { compile } from 'vega-lite'

/** @type {import('../results.js').Results} */
const { rows, date } = JSON.parse(readFileSync(0, 'utf8'))

const values = rows.flatMap((row) =>
  Object.entries(row.results)
    .filter(([library, { ratio }]) => library !== 'aio-ts' && library !== 'floor' && ratio > 0)
    .map(([library, { ratio }]) => ({ workload: row.name, library, ratio, ours: 1 }))
)
const scale = { type: 'log' }
const { spec } = compile(
  /** @type {import('vega-lite').TopLevelSpec} */ ({
    title: {
      text: 'How many times the cost of aio-ts',
      subtitle: [
        `Bars to the right: the other one is slower. To the left: it is faster. ${date.slice(0, 10)}`
      ]
    },
    background: 'white',
    width: 640,
    height: { step: 7 },
    data: { values },
    mark: { type: 'bar' },
    encoding: {
      y: {
        field: 'workload',
        type: 'nominal',
        sort: rows.map(({ name }) => name),
        title: null,
        scale: { paddingInner: 0.35 }
      },
      yOffset: { field: 'library', type: 'nominal' },
      x: {
        field: 'ratio',
        type: 'quantitative',
        scale,
        title: 'times (logarithmic)',
        axis: { format: '~g' }
      },
      x2: { field: 'ours' },
      color: { field: 'library', type: 'nominal', title: null, scale: { scheme: 'tableau10' } }
    }
  })
)
const view = new vega.View(vega.parse(spec), { renderer: 'none', logLevel: vega.Error })
process.stdout.write(`${await view.toSVG()}\n`)
