/** The tree as the page receives it: its rows, their order, sibling groups, and the cost of a window. */
import { afterEach, describe, expect, test } from 'vitest'
import { Deferred, Group, makeRuntime, runFork, runTask, Task } from '../../../src/index.js'
import type { Row, View } from '../../../src/inspect/protocol.js'
import { rowsOf, Sight } from '../../../src/inspect/tree/rows.js'
import { Snapshot } from '../../../src/inspect/tree/snapshot.js'
import { hookDispatcher } from '../../../src/runtime/hooks.js'
import { rightOf } from '../../support/exits.js'
import { usual } from '../usual-view.js'

const times = { now: 1000, ofFiber: () => 400, ofGroup: () => 100 }
const treeOf = (view: Partial<View> = {}) => rowsOf(new Sight(new Snapshot()), { ...usual, ...view }, times)

const words = ({ kind, name, state, on, count }: Row): string =>
  [
    kind === 'bunch' ? `${count} of` : kind,
    name ?? '(no name)',
    state,
    ...(on === undefined ? [] : [`on ${on}`])
  ].join(' ')
const drawn = (rows: ReadonlyArray<Row>): ReadonlyArray<string> =>
  rows.map((row) => `${'  '.repeat(row.depth)}${words(row)}`)

let groups: Array<Group> = []
const makeGroup = (name: string): Group => {
  const group = new Group({ name })
  groups.push(group)
  return group
}
afterEach(async () => {
  for (const group of groups) group.close()
  for (const group of groups) await runTask(group.waitClosed())
  groups = []
  expect(new Snapshot().fiberCount).toBe(0)
  expect(hookDispatcher.bound).toBeUndefined()
})

/** Until every fiber that is ready has had its turn. */
const settle = async (): Promise<void> => {
  do await new Promise<void>((resolve) => setImmediate(resolve))
  while (new Snapshot().states.ready > 0)
}

const spawn = (group: Group, name: string | undefined, task: Task.Task<never, unknown> = Task.never) => {
  const fiber = group.spawnNowait(task, name === undefined ? {} : { name })
  return rightOf(fiber)
}
const spawnMany = (group: Group, count: number, name: (index: number) => string | undefined): void => {
  for (let index = 0; index < count; index++) spawn(group, name(index))
}

describe('the tree', () => {
  test('is empty without fibers', () => {
    expect(treeOf()).toEqual({ total: 0, from: 0, rows: [] })
  })

  test('shows groups, fibers and their waits, each below its parent', async () => {
    const group = makeGroup('search')
    spawn(group, 'walker', Task.named('look')(Task.sleep(50_000)))
    spawn(group, 'pair', Task.all([Task.never, Task.sleep(60_000)]))
    const inner = await runTask(group.createSubgroup({ name: 'inner' }))
    spawn((inner as { right: Group }).right, undefined)
    await settle()
    const { rows, total } = treeOf()
    expect(drawn(rows)).toEqual([
      'group search open',
      '  group inner open',
      '    fiber (no name) waiting on never',
      '  fiber walker waiting on sleep 50000ms',
      '  fiber pair waiting on all',
      '    fiber (no name) waiting on never',
      '    fiber (no name) waiting on sleep 60000ms'
    ])
    expect(total).toBe(7)
    expect(rows.map(({ place, siblings, above, below }) => [place, siblings, above, below])).toEqual([
      [1, 1, -1, 5],
      [1, 3, 0, 1],
      [1, 1, 1, 0],
      [2, 3, 0, 0],
      [3, 3, 0, 2],
      [1, 2, 4, 0],
      [2, 2, 4, 0]
    ])
    expect(rows[3]).toMatchObject({ path: ['look'], age: 600, count: 1, canOpen: false, isOpen: false })
    expect(rows[0]).toMatchObject({ age: 900, canOpen: true, isOpen: true })
    expect(new Set(rows.map(({ key }) => key)).size).toBe(7)
    expect(rows.map(({ key }) => key[0])).toEqual(['g', 'g', 'f', 'f', 'f', 'f', 'f'])
  })

  test('shows the waits of a joined fiber, and all states', async () => {
    const group = makeGroup('states')
    const gate = new Deferred<never, void>()
    const waiting = spawn(group, 'waiting', gate.wait())
    spawn(group, 'joining', waiting.join())
    await settle()
    spawn(group, 'new')
    const { rows } = treeOf()
    expect(drawn(rows).slice(1)).toEqual([
      '  fiber waiting waiting on Deferred.wait',
      `  fiber joining waiting on join #${waiting.id} waiting`,
      '  fiber new ready'
    ])
    expect(new Snapshot().states).toEqual({ running: 0, ready: 1, waiting: 2 })
  })

  test('shows a running fiber in its own request', async () => {
    const group = makeGroup('self')
    let seen: ReadonlyArray<Row> = []
    spawn(
      group,
      'asker',
      Task.sync(() => {
        seen = treeOf().rows
      })
    )
    await settle()
    expect(drawn(seen)).toEqual(['group self open', '  fiber asker running'])
  })

  test('opens and closes toggled rows, and keeps their keys', async () => {
    const group = makeGroup('outer')
    spawn(group, 'pair', Task.all([Task.never, Task.never]))
    await settle()
    const all = treeOf().rows
    const pair = all.find(({ name }) => name === 'pair')!
    const shut = treeOf({ turned: [pair.key] })
    expect(drawn(shut.rows)).toEqual(['group outer open', '  fiber pair waiting on all'])
    expect(shut.rows[1]).toEqual({ ...pair, isOpen: false })
    expect(treeOf({ turned: [all[0]!.key] })).toMatchObject({ total: 1, rows: [{ isOpen: false, below: 3 }] })
  })

  test('shows fibers started by the run functions at the top', async () => {
    const fiber = runFork(Task.never, { name: 'main' })
    await settle()
    expect(drawn(treeOf().rows)).toEqual(['fiber main waiting on never'])
    await runTask(fiber.interrupt())
  })

  test('contains all runtimes', async () => {
    const fiber = makeRuntime({ yieldEvery: 1 }).runFork(Task.never, { name: 'elsewhere' })
    await settle()
    expect(drawn(treeOf().rows)).toEqual(['fiber elsewhere waiting on never'])
    await runTask(fiber.interrupt())
  })
})

describe('similar siblings', () => {
  test('are rows of their own while they are few', async () => {
    const group = makeGroup('few')
    spawnMany(group, 20, () => 'worker')
    await settle()
    expect(treeOf().total).toBe(21)
  })

  test('are one row once they are many, which can be opened', async () => {
    const group = makeGroup('many')
    spawnMany(group, 21, () => 'worker')
    spawn(group, 'boss', Task.sleep(1e6))
    await settle()
    const { rows } = treeOf()
    expect(drawn(rows)).toEqual([
      'group many open',
      '  21 of worker waiting on never',
      '  fiber boss waiting on sleep 1000000ms'
    ])
    const bunch = rows[1]!
    expect(bunch).toMatchObject({ id: undefined, canOpen: true, isOpen: false, below: 0, age: 600, path: [] })
    expect(bunch.key).toBe(`${rows[0]!.key}.${bunch.key.split('.')[1]}`)
    const opened = treeOf({ turned: [bunch.key] }).rows
    expect(opened).toHaveLength(24)
    expect(opened[1]).toEqual({ ...bunch, isOpen: true })
    expect(opened[2]).toMatchObject({ depth: 2, kind: 'fiber', place: 1, siblings: 21, above: 1 })
    expect(opened[22]).toMatchObject({ depth: 2, place: 21 })
    expect(opened[23]).toMatchObject({ depth: 1, place: 2, above: 0, name: 'boss' })
  })

  test('are similar also if numbers in their names and waits differ', async () => {
    const group = makeGroup('numbers')
    spawnMany(group, 30, (index) => `worker ${index}`)
    for (let index = 0; index < 30; index++) spawn(group, 'sleeper', Task.sleep(100_000.5 + index * 1000))
    spawnMany(group, 30, () => 'worker 7 of 9')
    await settle()
    expect(drawn(treeOf().rows)).toEqual([
      'group numbers open',
      '  30 of sleeper waiting on sleep *.*ms',
      '  30 of worker * waiting on never',
      '  30 of worker 7 of 9 waiting on never'
    ])
  })

  test('differ in another state, by another wait, or by another name', async () => {
    const group = makeGroup('kinds')
    spawnMany(group, 25, () => 'a')
    spawnMany(group, 25, () => 'b')
    spawnMany(group, 25, () => undefined)
    for (let index = 0; index < 25; index++) spawn(group, 'a', Task.sleep(1e6))
    await settle()
    spawnMany(group, 25, () => 'a')
    expect(drawn(treeOf().rows)).toEqual([
      'group kinds open',
      '  25 of (no name) waiting on never',
      '  25 of a ready',
      '  25 of a waiting on never',
      '  25 of a waiting on sleep 1000000ms',
      '  25 of b waiting on never'
    ])
  })

  test('count their descendants', async () => {
    const group = makeGroup('nested')
    for (let index = 0; index < 25; index++) spawn(group, 'pair', Task.all([Task.never, Task.never]))
    await settle()
    const [top, bunch] = treeOf().rows
    expect(top).toMatchObject({ below: 75 })
    expect(bunch).toMatchObject({ count: 25, below: 50 })
    const opened = treeOf({ turned: [bunch!.key] })
    expect(opened.total).toBe(2 + 25 * 3)
    expect(drawn(opened.rows.slice(2, 5))).toEqual([
      '    fiber pair waiting on all',
      '      fiber (no name) waiting on never',
      '      fiber (no name) waiting on never'
    ])
  })
})

describe('a search', () => {
  test('shows rows that match by name, number or wait, and their ancestors', async () => {
    const group = makeGroup('Shop')
    const baker = spawn(group, 'Baker', Task.sleep(77_000))
    spawn(group, 'pair', Task.all([Task.named('x')(Task.sleep(88_000)), Task.never]))
    const other = makeGroup('other')
    spawn(other, 'idle')
    await settle()
    expect(drawn(treeOf({ search: 'bAKer' }).rows)).toEqual([
      'group Shop open',
      '  fiber Baker waiting on sleep 77000ms'
    ])
    expect(drawn(treeOf({ search: ' sleep 88 ' }).rows)).toEqual([
      'group Shop open',
      '  fiber pair waiting on all',
      '    fiber (no name) waiting on sleep 88000ms'
    ])
    expect(treeOf({ search: `#${baker.id}` }).rows.some(({ id }) => id === baker.id)).toBe(true)
    expect(drawn(treeOf({ search: 'other' }).rows)).toEqual(['group other open'])
    expect(treeOf({ search: 'nobody' })).toMatchObject({ total: 0, rows: [] })
    // It counts what it found, and says still how many there are.
    expect(treeOf({ search: 'baker' }).rows[0]).toMatchObject({ below: 4, siblings: 1 })
  })

  test('by states shows fibers in them, and groups only as their ancestors', async () => {
    const group = makeGroup('one')
    spawn(group, 'waits')
    spawn(makeGroup('two'), 'waits')
    await settle()
    spawn(group, 'ready')
    expect(drawn(treeOf({ states: ['ready'] }).rows)).toEqual(['group one open', '  fiber ready ready'])
    expect(drawn(treeOf({ states: ['ready'], search: 'waits' }).rows)).toEqual([])
    expect(treeOf({ states: ['ready', 'waiting'] }).total).toBe(5)
  })
})

describe('a window', () => {
  test('has only its rows, at any position, and the last rows beyond the end', async () => {
    const group = makeGroup('names')
    const letters = 'abcdefghijklmnopqrstuvwxyz'
    for (const letter of letters) spawn(group, letter)
    await settle()
    const all = treeOf({ rows: 500 }).rows
    for (const [from, rows] of [
      [0, 5],
      [1, 1],
      [7, 9],
      [20, 100],
      [26, 5]
    ] as const) {
      expect(treeOf({ from, rows })).toEqual({ total: 27, from, rows: all.slice(from, from + rows) })
    }
    expect(treeOf({ from: 27, rows: 5 })).toEqual({ total: 27, from: 22, rows: all.slice(22) })
    expect(treeOf({ from: 1e9, rows: 100 })).toEqual({ total: 27, from: 0, rows: all })
    expect(treeOf({ rows: 0 })).toEqual({ total: 27, from: 0, rows: [] })
  })

  test('has at most 500 rows', async () => {
    const group = makeGroup('many')
    for (let index = 0; index < 600; index++)
      spawn(group, `x${'y'.repeat(index % 199)}${index % 2 ? 'z' : ''}`)
    await settle()
    expect(treeOf({ rows: 1e9 }).rows).toHaveLength(500)
  })
})

test('a tree of any depth is traversed without recursion', async () => {
  const depth = 20_000
  let task: Task.Task<never, unknown> = Task.never
  for (let level = 0; level < depth; level++) {
    const inner = task
    task = Task.suspend(() => Task.all([inner]))
  }
  const fiber = runFork(task)
  await new Promise((resolve) => setTimeout(resolve, 0))
  while (new Snapshot().fiberCount <= depth) await settle()
  const { total, rows } = treeOf({ from: depth - 1 })
  expect(total).toBe(depth + 1)
  expect(rows.map(({ depth: at }) => at)).toEqual([depth - 1, depth])
  expect(treeOf({ search: 'never' }).total).toBe(depth + 1)
  await runTask(fiber.interrupt())
})

test('names may be anything: they are truncated, and otherwise unchanged', async () => {
  const group = makeGroup('<b>&"\u0000\u001b[31m')
  spawn(group, 'x'.repeat(1_000_000))
  spawn(group, '')
  spawn(group, `${'y'.repeat(198)}😀😀`)
  spawn(group, '__proto__')
  await settle()
  const names = treeOf().rows.map(({ name }) => name)
  expect(names[0]).toBe('<b>&"\u0000\u001b[31m')
  expect(names[1]).toBe(`${'x'.repeat(199)}…`)
  expect(names[2]).toBe('')
  expect(names[3]).toBe(`${'y'.repeat(198)}…`)
  expect(names[4]).toBe('__proto__')
})
