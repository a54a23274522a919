/** `test.task` as its users see it: vitest runs fixtures, and its reports are checked. */
import { beforeAll, describe, expect, it } from 'vitest'
import { type FixtureRun, runFixture } from './run-fixture.js'

let failing: FixtureRun
let passing: FixtureRun
let only: FixtureRun
let hanging: FixtureRun

beforeAll(async () => {
  // One after the other: each is a few processes.
  failing = await runFixture('failing')
  passing = await runFixture('passing')
  only = await runFixture('only')
  hanging = await runFixture('hanging')
}, 240_000)

/** What a person is shown of a test that fails. */
const shown = (title: string, { output } = failing): string => {
  const from = output.indexOf(`> ${title}\n`)
  expect(from).toBeGreaterThanOrEqual(0)
  return output.slice(from, output.indexOf('⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯', from))
}

describe('tests that fail', () => {
  it('all fail, and so does the run', () => {
    expect(failing.code).not.toBe(0)
    const passed = [...failing.statuses].flatMap(([title, status]) => (status === 'failed' ? [] : [title]))
    expect(passed).toEqual(['a case of 2'])
    expect(failing.statuses.size).toBe(23)
  })

  it.each([
    ['an expectation', 'AssertionError: expected { a: 1 } to deeply equal { a: 2 }'],
    ['an error', 'HttpError: gone'],
    ['an error that is no Error', 'the task failed with NotFound {"_tag":"NotFound","path":"/a"}'],
    ['an error that cannot be changed', 'HttpError: frozen'],
    ['a defect that is no Error', 'the task died of a bug'],
    ['an interruption', 'the task was interrupted'],
    ['an error, and a later failure', 'then, while cleaning up, it failed: second'],
    ['a deadlock', 'fiber #1 main  0ms  waits for Latch.wait'],
    ['a leak', 'fiber #2 left behind  0ms  waits for never'],
    ['an expectation, and a leak because of it', "expected 'this' to be 'that'"],
    ['an unobserved failure', 'Error: unseen'],
    ['virtual time that is up', 'timed out after 1000 ms of virtual time'],
    ['one seed of many', 'expected 1 to be 2'],
    ['a case of 1', 'expected 1 to be 2'],
    ['a case of 3', 'expected 3 to be 2'],
    ['a fixture', 'expected 7 to be 8']
  ])('%s is shown, with its seed and its schedule', (title, words) => {
    expect(shown(title)).toContain(words)
    expect(shown(title)).toMatch(/Seed \d+\. The very same run again: .*'aio1:[^']+'/)
  })

  it.each([
    ['no task', 'test.task: expected a Task, or a function that gives one, got 1 (a number)'],
    ['no runs', 'expected runs, a whole number of at least 1, got 0'],
    ['no seed', 'expected a seed, a whole number of at least 0, got -1'],
    ['a schedule of another program', 'this is a schedule of another program'],
    ['a host that takes too long', 'Test timed out in 100ms'],
    ['one that does not fail although it should', 'Expect test to fail']
  ])('%s is reported', (title, words) => {
    expect(shown(title)).toContain(words)
  })

  it('an expectation is shown with its diff', () => {
    expect(failing.output).toMatch(/- {3}"a": 2,\n\+ {3}"a": 1,/)
  })

  it('of many seeds show the one that failed', () => {
    const [, seed, schedule] = /Seed (\d+)\. .*'(aio1:y1:s\d+:[^']+)'/.exec(shown('one seed of many')) ?? []
    expect(Number(seed)).toBeGreaterThanOrEqual(1)
    expect(schedule).toContain(`:s${seed}:`)
  })
})

describe('tests that wait for a callback that never comes', () => {
  it('all end by themselves, before vitest ends them', () => {
    const { statuses, output } = hanging
    expect(statuses.get('a host that answers late')).toBe('passed')
    expect([...statuses].filter(([, status]) => status === 'failed')).toHaveLength(7)
    expect(statuses.size).toBe(8)
    expect(output).not.toContain('timed out')
  })

  it.each([
    ['test.task', 2000, 'task'],
    ['test.task, soon', 100, 'task'],
    ['test.task in a hundred orders', 2000, 'task'],
    ['runTest', 2000, 'task'],
    ['explore', 2000, 'make()'],
    ['sweepInterrupts', 2000, 'make()'],
    ['replay', 2000, 'task']
  ])('%s reports its wait, and how to run it again', (title, ms, program) => {
    const told = shown(title, hanging)
    expect(told).toContain(`no promise or callback of the host has come within ${ms} ms`)
    expect(told).toMatch(/fiber #\d .* waits for async \(until its callback is called\)/)
    expect(told).toContain(`The very same run again: await replay(${program}, 'aio1:`)
  })
})

describe('tests that pass, or are not run', () => {
  const statuses = (status: string) =>
    [...passing.statuses].flatMap(([title, found]) => (found === status ? [title] : []))
  const log = (): ReadonlyArray<string> => JSON.parse(/log: (\[.*\])/.exec(passing.output)?.[1] ?? '[]')

  it('do not fail the run', () => {
    expect(statuses('failed')).toEqual([])
    expect(passing.code).toBe(0)
  })

  it('include skipped tests and todos, which are not run', () => {
    expect(statuses('skipped')).toEqual(['one that is skipped', 'one that is skipped for a reason'])
    expect(statuses('todo')).toEqual(['one that is to do'])
  })

  it('include cases with their own titles', () => {
    expect(log()).toEqual(expect.arrayContaining(['1 one', '2 two', 'A', 'B', '3 for: 1', '7 for: 3']))
    expect(statuses('passed')).toEqual(
      expect.arrayContaining(['pairs: 1 is one', 'pairs: 2 is two', 'items: a', 'items: b', 'for: 1'])
    )
  })

  it('have the context, fixtures and hooks of vitest', () => {
    expect(log()).toEqual(expect.arrayContaining(['a context', 'fixture 7', 'fixture 8', 'none', 'plain 1']))
    expect(log()).not.toContain('unused')
    expect(log()).toContain('before an hour')
  })

  it('are run as often as retries and seeds say', () => {
    expect(log().filter((text) => text === 'seed')).toHaveLength(3)
    expect(log().filter((text) => text === 'try')).toHaveLength(2)
  })

  it('can be run alone', () => {
    expect(only.code).toBe(0)
    expect(only.statuses.get('the only one')).toBe('passed')
    expect(only.statuses.get('another')).not.toMatch(/passed|failed/)
  })
})
