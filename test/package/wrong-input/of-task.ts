/** Valid calls of the functions of `aio-ts/Task`, `aio-ts/Schedule` and `aio-ts/fp-ts`. */
import { Schedule, Task } from 'aio-ts'
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { anything, below, type Callings, call, named, nothing } from './calling.js'

const task = () => [Task.succeed({ a: 1 })]
const failing = () => [Task.fail({ _tag: 'A' as const })]
const toTask = () => Task.succeed(1)
const toValue = () => 1
const right = () => Either.right(anything(1))
const once = Schedule.recurs(1)

const ofTask: Callings = {
  forever: call(() => [Task.never]),
  repeat: call(() => [once], task),
  retry: call(() => [once], failing),
  async: call(() => [() => Task.unit]),
  fromEither: call(() => [right()]),
  fromIO: call(() => [toValue]),
  fromIOEither: call(() => [() => Either.right(1)]),
  fromNullable: call(
    () => [toValue],
    () => [undefined]
  ),
  fromOption: call(
    () => [toValue],
    () => [Option.none]
  ),
  fromPredicate: call(
    () => [() => false, toValue],
    () => [anything(1)]
  ),
  fromTask: call(() => [async () => 1]),
  fromTaskEither: call(() => [async () => Either.right(1)]),
  bracket: call(() => [Task.unit, toTask, toTask]),
  ensuring: call(() => [Task.unit], task),
  onExit: call(() => [toTask], task),
  onInterrupt: call(
    () => [Task.unit],
    () => [Task.interrupt]
  ),
  gen: call(() => [
    function* () {
      yield* Task.unit
    }
  ]),
  fn: call(
    () => [
      'name',
      function* () {
        yield* Task.unit
      }
    ],
    () => []
  ),
  mapBoth: call(() => [toValue, toValue], failing),
  mapError: call(() => [toValue], failing),
  orDie: call(task),
  promise: call(() => [async () => 1, { onInterrupt: 'wait' }]),
  tryCatch: call(() => [async () => 1, toValue, { onInterrupt: 'wait' }]),
  interruptible: call(task),
  uninterruptible: call(task),
  uninterruptibleMask: call(() => [(restore: (task: unknown) => unknown) => restore(Task.unit)]),
  uncancellable: call(() => [{ raiseCancel: true }], task),
  delay: call(() => [1], task),
  sleep: call(() => [1]),
  toTaskEither: call(task, () => []),
  all: call(() => [[Task.unit, Task.unit], { concurrency: 1 }]),
  ap: call(task, () => [Task.succeed(toValue)]),
  apS: call(() => ['b', Task.unit], task),
  zip: call(task, task),
  forEach: call(
    () => [toTask, { concurrency: 1 }],
    () => [[anything(1), 2]]
  ),
  race: call(task, task),
  raceAll: call(() => [[Task.unit, Task.unit]]),
  timeout: call(() => [1], task),
  withGroup: call(() => [toTask, { name: 'group', whenDone: 'wait' }]),
  as: call(() => [anything(1)], task),
  asUnit: call(task),
  bind: call(() => ['b', toTask], task),
  bindTo: call(() => ['b'], task),
  flatMap: call(() => [toTask], task),
  flatten: call(() => [Task.succeed(Task.unit)]),
  let: call(() => ['b', toValue], task),
  map: call(() => [toValue], task),
  named: call(() => ['name'], task),
  tap: call(() => [toTask], task),
  unless: call(() => [false], task),
  when: call(() => [true], task),
  // It dies of whatever it is given.
  die: nothing,
  fail: call(() => [anything(1)]),
  failCause: call(() => [{ reasons: [{ _tag: 'Fail', error: 1 }], trace: [] }]),
  fromExit: call(() => [right()]),
  of: call(() => [anything(1)]),
  suspend: call(() => [toTask]),
  sync: call(() => [toValue]),
  catchCause: call(() => [toTask], failing),
  catchTag: call(() => ['A', toTask], failing),
  either: call(task),
  exit: call(task),
  getOrElse: call(() => [toValue], failing),
  match: call(() => [toValue, toValue], task),
  matchTask: call(() => [toTask, toTask], failing),
  orElse: call(() => [toTask], failing),
  tapError: call(() => [toTask], failing)
}

const ofSchedule: Callings = {
  exponential: call(() => [1, { factor: 2, maxMs: 5 }]),
  intersect: call(
    () => [once],
    () => [once]
  ),
  jittered: call(
    () => [0.5],
    () => [once]
  ),
  recurs: call(() => [1]),
  spaced: call(() => [1]),
  upTo: call(
    () => [1],
    () => [once]
  ),
  whileInput: call(
    () => [() => true],
    () => [once]
  )
}

const mapping = call(() => [Task.unit, toValue])
const applying = call(() => [Task.succeed(toValue), Task.unit])
/** They are functions of `aio-ts/Task`, whose names their errors have. */
const chaining = named(
  /\b(chain|flatMap)\b/,
  call(() => [Task.unit, toTask])
)
const instance = {
  map: mapping,
  ap: named(/\b(ap|all|map|flatMap)\b/, applying),
  of: call(() => [anything(1)]),
  chain: chaining,
  throwError: call(() => [anything(1)]),
  fromEither: call(() => [right()]),
  fromIO: call(() => [toValue]),
  fromTask: call(() => [async () => 1]),
  alt: named(
    /\b(alt|orElse)\b/,
    call(() => [Task.fail(1), toTask])
  ),
  bimap: named(
    /\b(bimap|mapBoth|mapError)\b/,
    call(() => [Task.fail(1), toValue, toValue])
  ),
  mapLeft: named(
    /\b(mapLeft|mapError)\b/,
    call(() => [Task.fail(1), toValue])
  )
} as const satisfies Callings

const has = (...names: ReadonlyArray<keyof typeof instance>): Callings =>
  Object.fromEntries(names.map((name) => [name, instance[name]]))

const traversing = named(
  /\b(traverse|sequence)\w*Array|forEach\b/,
  call(
    () => [toTask],
    () => [[anything(1), 2]]
  )
)
const sequencing = named(
  /\bsequence\w*Array|forEach\b/,
  call(() => [[Task.unit, Task.unit]])
)

const ofFpTs: Callings = {
  ...below('Functor.', has('map')),
  ...below('Pointed.', has('of')),
  ...below('Bifunctor.', has('bimap', 'mapLeft')),
  ...below('ApplyPar.', has('map', 'ap')),
  ...below('ApplySeq.', has('map', 'ap')),
  ...below('ApplicativePar.', has('map', 'ap', 'of')),
  ...below('ApplicativeSeq.', has('map', 'ap', 'of')),
  ...below('Chain.', has('map', 'ap', 'chain')),
  ...below('Monad.', has('map', 'ap', 'of', 'chain')),
  ...below('MonadThrow.', has('map', 'ap', 'of', 'chain', 'throwError')),
  ...below('FromEither.', has('fromEither')),
  ...below('FromIO.', has('fromIO')),
  ...below('FromTask.', has('fromIO', 'fromTask')),
  ...below('MonadIO.', has('map', 'ap', 'of', 'chain', 'fromIO')),
  ...below('MonadTask.', has('map', 'ap', 'of', 'chain', 'fromIO', 'fromTask')),
  ...below('Alt.', has('map', 'alt')),
  traverseArray: traversing,
  traverseArrayWithIndex: traversing,
  sequenceArray: sequencing,
  traverseSeqArray: traversing,
  traverseSeqArrayWithIndex: traversing,
  sequenceSeqArray: sequencing
}

export const describing: Callings = {
  ...below('aio-ts Task.', ofTask),
  ...below('aio-ts Schedule.', ofSchedule),
  ...below('aio-ts/fp-ts ', ofFpTs)
}
