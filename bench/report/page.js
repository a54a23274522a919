/** docs/benchmarks.md: what was found, by what method, and what was lost. */
import { together, workloads } from '../workloads.js'
import {
  aloneTable,
  executorsTable,
  flatTable,
  inspectorTable,
  lossesOf,
  meanSentence,
  sizeTable,
  startTable,
  tracesTable,
  typesTable,
  workloadTable
} from './tables.js'

/** @typedef {import('../results.js').Results} Results */

/** @param {ReadonlyArray<string>} sentences @param {string} none */
const list = (sentences, none) =>
  sentences.length === 0 ? none : sentences.map((sentence) => `- ${sentence}`).join('\n')

/** @param {Results} results */
export const pageOf = (results) => {
  const { machine, versions, rounds, date, tookSeconds, needed } = results
  const { missed, slower } = lossesOf(results)
  return `# Benchmarks

Written by \`npm run bench\`; do not edit. ${date.slice(0, 10)}, ${rounds} rounds, ${Math.round(tookSeconds / 60)} minutes.

${Object.entries(versions)
  .map(([name, version]) => `${name} ${version}`)
  .join(', ')}. ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}.

![How many times our cost each library has](benchmarks.svg)

## Workloads

Ours: the cost of one operation. The others: how many times that, then their own cost. \`-\`: the library cannot do it. \`floor\` is
no library: it is what is left of a workload when nothing has to be lazy, safe, typed or stoppable, the work of the host and of the
workload's own functions ([bench/libraries/floor.js](../bench/libraries/floor.js)), as cheap as we know how. A library that costs nothing
would be ahead of Effect by Effect's cost divided by the floor's.

${workloadTable(results.rows)}

${meanSentence(results.rows) || ''}

${list(
  [
    ...workloads.map(({ name, n, what }) => `**${name}** (${n.toLocaleString('en')}): ${what}`),
    ...together.map(({ name, what }) => `**${name}**: ${what}`)
  ],
  ''
)}

## What is lost

Targets that are missed:

${list(missed, 'None.')}

Where somebody else costs less than ours:

${list(slower, 'Nowhere.')}

## Alone

The same in processes that have done nothing else before, as no program is: V8 then compiles the inside of a library for the one shape
that the workload has, and how well it does that is the luck of a process.

${aloneTable(results.alone)}

## Flat

The cost of one operation of ours, of ten thousand and of a million, in processes that do nothing else, each time beginning with an empty
young space, so that it is our work that is compared; and how much dearer an operation becomes where no library is at all. Where
ten thousand are done again and again in the same space, all of it stays in the processor's caches, which a
million fibers do not fit: then spawnClose, allAsync and million cost 2 to 2.5 times as much at 1e6, interrupts in random order 3 to 5
times.

${flatTable(results.flat)}

## Start

Milliseconds that an \`import\` takes in a fresh process, in a program that is a file: the median of fifteen. \`aio-ts\` is to take at most
a fifth of what \`effect/Effect\` does.

${startTable(results.start)}

## Types

A generated program of 1,000 lines of pipes and generators (in fp-ts: \`Do\`), with eight classes of errors.

${typesTable(results.types)}

## Size

In bytes, bundled, minified, gzipped. \`npm run size\` fails where one is over its budget.

${sizeTable(results.sizes)}

## Executors

Microseconds that a small job takes on two threads, and by way of a Redis, in turns with what the executor is built on, after some
thousand calls that do not count: the median of seven processes, and the range of their ratios. A buffer of 10 MB in the transfer list is
moved, against one that is copied.

${executorsTable(results.executors)}

## Traces

An operation of ours, in processes that do nothing else, without and with \`AIO_TRACE=1\`, by which each operation that may fail
remembers on which line it was built. A
loop that builds none, as flatMapLoop, costs the same. Off, building one costs nothing.

${tracesTable(results.traces)}

## Inspector

What it costs a program that an inspector is open: the same program, with 10,000 fibers alive that end and are followed by others, in
turns of a fifth of a second; in the processor's time for one fiber in the quietest quarter of the turns, since what else happens on the
machine only ever adds to it. An answer says when the page asks again: half a second later, later where answers take long. What
a page costs that looks follows out of both. Medians of five processes. The first program does a little work in each fiber; the second
does nothing but start and end them, a million a second, which is the worst that can be.

${results.inspector === undefined ? '' : inspectorTable(results.inspector)}

## Method

Each library does each workload in a process of its own; libraries take turns within a round, and begin each round elsewhere, so
that whatever else the machine does hits all of them. A process first does a little of every workload that its library can do, since a
program does more than one thing, and V8 compiles what has done one thing alone for that alone; then its own workload in growing numbers
for a quarter of a second. Neither counts. Then it takes its samples, whose garbage is collected whenever V8 does so. Shuffled
interrupts and a million fibers are done once a process, after a smaller one.

A processor of a shared machine may be half of a core whose other half is somebody else's, for tenths of a second or for seconds: then
everything takes half as long again, and which library that hits is chance. So where a workload is one operation after the other, a
sample is as many as take some 15 ms, at most those that stand above, and before and after it a piece of work of known size is done
([bench/yardstick.js](../bench/yardstick.js)), which takes twice as long where somebody else uses the core. A process waits up to four
seconds for 25 samples, or samples of 0.6 seconds, that begin and end while nobody does. Their mean is its figure, the median of the
rounds the figure here, and a ratio that of two such figures. Of ${needed.processes} processes ${needed.quiet} met at least three of them; where one of two
libraries never did, what both did on a busy machine is compared.

A sample of any other workload (deep, spawnClose, allAsync, sleepers, memory, interrupts, a million) is all of it, and too long for that.
There the median of up to fifteen samples is the figure of a process, and a ratio the median of the ratios of what stood side by side.

A library that would need more than two seconds for a sample does fewer operations, which its cell then says. Every sample's result is
compared with what it must be: nobody wins by doing less. What each library does is in [bench/libraries](../bench/libraries/). Absolute
times differ between machines; the ratios are what counts.
`
}
