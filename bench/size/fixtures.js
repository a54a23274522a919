/**
 * What is bundled to see how large it becomes: each entry as a whole, programs as users write them, and what peers need for the
 * same. Sizes are in bytes, gzipped; 1 KB is 1,000 of them.
 */

/**
 * @typedef {object} Fixture
 * @property {string} name
 * @property {string} file in fixtures/
 * @property {string} what
 * @property {number} [target] what is wanted; more than this is reported
 * @property {number} [budget] more than this fails: what it has, and a little
 * @property {ReadonlyArray<string>} [budgetOf] the bundlers that are held to both; all where left out
 * @property {boolean} [usesSchedule] else nothing of Schedule may be in it
 * @property {boolean} [isCommonJs] it, or what it needs, is CommonJS: rollup by itself cannot read that
 * @property {ReadonlyArray<string>} [external] packages that it is about, and that are not counted
 */

const kilobyte = 1000

/**
 * The adapters import `pipe`, from the module that Node resolves. That one is CommonJS, so it has 1.4 KB by itself, and rollup
 * needs its plugin for CommonJS to read it. Programs in the dialect of fp-ts have `pipe` anyway.
 */
const fpTs = ['fp-ts/lib']

/** @type {ReadonlyArray<Fixture>} */
export const fixtures = [
  {
    name: 'succeed',
    file: 'programs/succeed.js',
    what: '`succeed` and `runTask`',
    target: 4.3 * kilobyte,
    budget: 4.3 * kilobyte
  },
  {
    name: 'succeed-by-name',
    file: 'programs/succeed-by-name.js',
    what: 'the same through `Task.succeed` of `aio-ts`',
    target: 4.3 * kilobyte,
    budget: 4 * kilobyte,
    // esbuild keeps all of a module that is re-exported as a namespace.
    budgetOf: ['rollup']
  },
  {
    name: 'fetch',
    file: 'programs/fetch.js',
    what: 'a program: two requests at once, with time-out, retries and a handled error',
    budget: 14.9 * kilobyte,
    usesSchedule: true
  },
  {
    name: 'service',
    file: 'programs/service.js',
    what: 'a program: a service of four workers at a queue, closed in phases',
    budget: 18.35 * kilobyte
  },
  {
    name: 'files',
    file: 'programs/files.js',
    what: 'a program: files read eight at a time, stopped by Ctrl-C',
    budget: 17.6 * kilobyte,
    // Only an Executor needs these, and piscina only where one is made.
    external: ['piscina', ...fpTs]
  },
  {
    name: 'aio-ts',
    file: 'entries/index.js',
    what: 'everything in `aio-ts`',
    target: 12 * kilobyte,
    budget: 31.85 * kilobyte,
    usesSchedule: true
  },
  {
    name: 'aio-ts/Task',
    file: 'entries/Task.js',
    what: 'everything in `aio-ts/Task`',
    target: 12 * kilobyte,
    budget: 23.1 * kilobyte,
    // `retry` and `repeat` read what a Schedule says.
    usesSchedule: true
  },
  {
    name: 'aio-ts/Schedule',
    file: 'entries/Schedule.js',
    what: 'everything in `aio-ts/Schedule`',
    budget: 1.3 * kilobyte,
    usesSchedule: true
  },
  {
    name: 'aio-ts/fp-ts',
    file: 'entries/fp-ts.js',
    what: 'everything in `aio-ts/fp-ts`',
    budget: 10.05 * kilobyte
  },
  // What this and `aio-ts/otel` bring along of the core is in every program that runs a Task.
  {
    name: 'aio-ts/io-ts',
    file: 'entries/io-ts.js',
    what: 'everything in `aio-ts/io-ts`, but io-ts itself',
    budget: 5.45 * kilobyte,
    external: ['io-ts', 'fp-ts']
  },
  {
    name: 'aio-ts/testing',
    file: 'entries/testing.js',
    what: 'everything in `aio-ts/testing`',
    budget: 23.8 * kilobyte
  },
  {
    name: 'aio-ts/node',
    file: 'entries/node.js',
    what: 'everything in `aio-ts/node`, but piscina and fp-ts',
    budget: 34.8 * kilobyte,
    external: fpTs
  },
  {
    name: 'aio-ts/executor',
    file: 'entries/executor.js',
    what: 'everything in `aio-ts/executor`, but fp-ts',
    budget: 23.65 * kilobyte,
    external: fpTs
  },
  {
    name: 'aio-ts/bullmq',
    file: 'entries/bullmq.js',
    what: 'everything in `aio-ts/bullmq`, but bullmq, ioredis and fp-ts',
    budget: 36.75 * kilobyte,
    external: fpTs,
    // Of `serveJobs`, for its `retry`.
    usesSchedule: true
  },
  {
    name: 'aio-ts/otel',
    file: 'entries/otel.js',
    what: 'everything in `aio-ts/otel`, but the API of OpenTelemetry and fp-ts',
    budget: 10.55 * kilobyte,
    external: ['@opentelemetry/api', ...fpTs]
  },
  {
    name: 'aio-ts/inspect',
    file: 'entries/inspect.js',
    what: 'everything in `aio-ts/inspect`, but the page that it serves and fp-ts',
    budget: 26.95 * kilobyte,
    external: fpTs,
    usesSchedule: true
  }
]

/** @type {ReadonlyArray<Fixture>} */
export const peers = [
  {
    name: 'effect/Effect: succeed',
    file: 'peers/effect-succeed.js',
    what: '`succeed` and `runPromise` of `effect/Effect`'
  },
  { name: 'effect: succeed', file: 'peers/effect-succeed-by-root.js', what: 'the same of `effect`' },
  { name: 'effect: fetch', file: 'peers/effect-fetch.js', what: 'the program of the requests, in Effect' },
  { name: 'effect: service', file: 'peers/effect-service.js', what: 'the program of the workers, in Effect' },
  { name: 'fp-ts: right', file: 'peers/fp-ts-succeed.js', what: 'a TaskEither that succeeds' },
  {
    name: 'effection: call',
    file: 'peers/effection-succeed.js',
    what: 'an operation of Effection that succeeds'
  },
  {
    name: 'fluture: resolve',
    file: 'peers/fluture-succeed.js',
    what: 'a Future that succeeds',
    isCommonJs: true
  }
]
