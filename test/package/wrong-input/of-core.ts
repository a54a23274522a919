/** Valid calls of the exports of `aio-ts`: groups, queues and other classes, causes, and the run functions. */
import { Cause, Deferred, FiberLocal, Group, Queue, runFork, Semaphore, Task } from 'aio-ts'
import { anything, below, type Callings, call, method, nothing } from './calling.js'

const task = () => [Task.unit]
const toTask = () => Task.succeed(1)
const fiber = () => runFork(Task.unit)
const queue = () => new Queue<unknown>(4)
const running = () => [Promise.resolve(1)]
const cause = () => [Cause.fail('e')]
const named = { name: 'name' }
const signal = new AbortController().signal

const meeting: Callings = {
  Deferred: nothing,
  'Deferred.make': nothing,
  'Deferred#wait': nothing,
  'Deferred#succeed': method(
    () => new Deferred(),
    () => [anything(1)]
  ),
  'Deferred#fail': method(
    () => new Deferred(),
    () => [anything(1)]
  ),
  'Deferred#done': method(
    () => new Deferred(),
    () => [{ _tag: 'Right', right: anything(1) }]
  ),
  FiberLocal: call(() => [anything(1)]),
  'FiberLocal.make': call(() => [anything(1)]),
  'FiberLocal#of': method(
    () => new FiberLocal(1),
    () => [fiber()]
  ),
  'FiberLocal#setIn': method(
    () => new FiberLocal<unknown>(1),
    () => [fiber(), anything(1)]
  ),
  'FiberLocal#locally': method(
    () => new FiberLocal<unknown>(1),
    () => [anything(1)],
    task
  ),
  Latch: call(() => [true]),
  'Latch.make': call(() => [true]),
  'Latch#open': nothing,
  'Latch#shut': nothing,
  'Latch#wait': nothing,
  Queue: call(() => [4, named]),
  'Queue.make': { ...call(() => [4, named]), name: /\bQueue\b/ },
  'Queue#close': nothing,
  'Queue#put': method(queue, () => [anything(1)]),
  'Queue#putNowait': method(queue, () => [anything(1)]),
  'Queue#get': nothing,
  'Queue#getNowait': nothing,
  'Queue#getUntilEmpty': nothing,
  'Queue#getNowaitUntilEmpty': nothing,
  'Queue#getAll': method(queue, () => [4]),
  'Queue#forEach': method(
    () => {
      const full = queue()
      full.putNowait(1)
      full.close()
      return full
    },
    () => [toTask]
  ),
  Semaphore: call(() => [4]),
  'Semaphore.make': { ...call(() => [4]), name: /\bSemaphore\b/ },
  'Semaphore#withPermits': method(
    () => new Semaphore(4),
    () => [1],
    task
  ),
  'Semaphore#tryWithPermits': method(
    () => new Semaphore(4),
    () => [1],
    task
  )
}

const groups: Callings = {
  Group: call(() => [{ ...named, onFailure: () => undefined }]),
  'Group.make': call(() => [{ ...named, onFailure: () => undefined }]),
  'Group#createSubgroup': method(
    () => new Group(),
    () => [{ ...named, onFailure: () => undefined }]
  ),
  'Group#spawn': method(
    () => new Group(),
    () => [Task.unit, named]
  ),
  'Group#spawnNowait': method(
    () => new Group(),
    () => [Task.unit, named]
  ),
  'Group#wrap': method(() => new Group(), running),
  'Group#acquire': method(
    () => new Group(),
    () => [Task.unit, toTask]
  ),
  'Resource#waitClosing': nothing,
  'Resource#waitClosed': nothing,
  'Resource#close': method(
    () => new Group(),
    () => [{ interrupt: false, graceMs: 5 }]
  ),
  'Resource#asyncClose': method(
    () => new Group(),
    () => [{ interrupt: false, graceMs: 5 }]
  )
}

const data: Callings = {
  'Cause.defects': call(cause),
  'Cause.die': call(() => [anything(1)]),
  'Cause.fail': call(() => [anything(1)]),
  'Cause.failures': call(cause),
  'Cause.interrupt': call(() => [anything(1)]),
  'Cause.isInterrupted': call(cause),
  'Cause.isInterruptedOnly': call(cause),
  'Cause.pretty': call(cause),
  'Exit.succeed': call(() => [anything(1)]),
  'Exit.fail': call(() => [anything(1)]),
  'Exit.die': call(() => [anything(1)]),
  'Exit.interrupt': call(() => [anything(1)]),
  'Exit.failCause': call(cause),
  GroupClosedError: call(() => ['message']),
  InterruptedError: call(() => [Cause.interrupt()]),
  QueueClosedError: call(() => ['message']),
  QueueEmptyError: call(() => ['message']),
  QueueFullError: call(() => ['message']),
  TimeoutError: call(() => [anything(1)])
}

const run = call(() => [Task.unit, { ...named, signal }])
const runtimeOptions = {
  clock: { now: () => 0, setTimer: () => () => undefined },
  scheduler: { schedule: () => undefined },
  yieldEvery: 1,
  reporter: () => undefined,
  random: () => 0,
  hooks: { fiberStarted: () => undefined },
  trace: false
}

const edge: Callings = {
  addHooks: call(
    () => [{ fiberStarted: () => undefined }],
    () => []
  ),
  deadlocks: nothing,
  dump: nothing,
  runFork: run,
  runTask: run,
  runTaskExit: run,
  runSync: call(task),
  makeRuntime: call(() => [runtimeOptions]),
  call: call(() => [() => 1, anything(2)]),
  callOnCancel: call(() => [() => 1, anything(2)]),
  callOnDone: call(() => [Task.unit, () => 1, anything(2)]),
  first: call(() => [queue(), () => true])
}

export const core: Callings = below('aio-ts ', { ...meeting, ...groups, ...data, ...edge })
