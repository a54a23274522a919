/** Arrays of Tasks under the names of fp-ts. */
import { Task } from 'aio-ts'
import {
  ApplicativePar,
  ApplicativeSeq,
  sequenceArray,
  sequenceSeqArray,
  traverseArray,
  traverseArrayWithIndex,
  traverseSeqArray,
  traverseSeqArrayWithIndex
} from 'aio-ts/fp-ts'
import * as fc from 'fast-check'
import { pipe } from 'fp-ts/lib/function.js'
import * as RA from 'fp-ts/lib/ReadonlyArray.js'
import { describe, expect, it } from 'vitest'
import { conditions, observe, plans, taskOf } from '../laws/tasks.js'
import { Die, Fail, failure, success, summary } from '../support/exits.js'
import { runVirtual, timedSummary } from '../support/kit.js'

const after = (ms: number): Task.Task<string, string> => pipe(Task.succeed(`after ${ms}`), Task.delay(ms))
const refuse = (ms: number): Task.Task<string, string> =>
  pipe(
    Task.sleep(ms),
    Task.flatMap(() => Task.fail(`refused after ${ms}`))
  )

describe('in parallel', () => {
  it('traverseArray runs all at once and keeps the order', async () => {
    expect(await timedSummary(pipe([30, 10], traverseArray(after)))).toEqual([
      success(['after 30', 'after 10']),
      30
    ])
  })

  it('traverseArrayWithIndex passes the index first', async () => {
    const task = pipe(
      ['a', 'b'],
      traverseArrayWithIndex((index, text) => Task.succeed(`${index}${text}`))
    )
    expect(await timedSummary(task)).toEqual([success(['0a', '1b']), 0])
  })

  it('sequenceArray runs all at once, and the first failure stops the others', async () => {
    expect(await timedSummary(sequenceArray([after(30), after(10)]))).toEqual([
      success(['after 30', 'after 10']),
      30
    ])
    let stopped = 0
    const long = pipe(after(30), Task.onInterrupt(Task.sync(() => stopped++)))
    const task = sequenceArray([long, refuse(20), refuse(10)])
    expect(await timedSummary(task)).toEqual([failure(Fail('refused after 10')), 10])
    expect(stopped).toBe(1)
  })
})

describe('in sequence', () => {
  it('traverseSeqArray makes the next Task only when the last has succeeded', async () => {
    const made: Array<number> = []
    const task = pipe(
      [30, 10, 20],
      traverseSeqArray((ms) => {
        made.push(ms)
        return ms === 10 ? refuse(ms) : after(ms)
      })
    )
    expect(made).toEqual([])
    expect(await timedSummary(task)).toEqual([failure(Fail('refused after 10')), 40])
    expect(made).toEqual([30, 10])
  })

  it('traverseSeqArrayWithIndex passes the index first', async () => {
    const task = pipe(
      ['a', 'b'],
      traverseSeqArrayWithIndex((index, text) => pipe(Task.succeed(`${index}${text}`), Task.delay(5)))
    )
    expect(await timedSummary(task)).toEqual([success(['0a', '1b']), 10])
  })

  it('sequenceSeqArray runs one after another', async () => {
    expect(await timedSummary(sequenceSeqArray([after(30), after(10)]))).toEqual([
      success(['after 30', 'after 10']),
      40
    ])
  })
})

describe('in parallel and in sequence', () => {
  it.each([
    ['traverseArray', traverseArray],
    ['traverseSeqArray', traverseSeqArray]
  ])('a throw of the function is a defect: %s', async (_name, traverse) => {
    const task = pipe(
      [1],
      traverse((): Task.Task<never, number> => {
        throw new RangeError('thrown')
      })
    )
    expect(await timedSummary(task)).toEqual([failure(Die(new RangeError('thrown'))), 0])
  })

  it.each([
    ['sequenceArray', sequenceArray],
    ['sequenceSeqArray', sequenceSeqArray]
  ])('an empty array succeeds at once: %s', async (_name, sequence) => {
    expect(await timedSummary(sequence([]))).toEqual([success([]), 0])
  })

  it('a hundred thousand elements need no stack', async () => {
    const many = RA.makeBy(100_000, (n) => n)
    const inParallel = pipe(
      many,
      traverseArray((n) => Task.succeed(n))
    )
    const inSequence = pipe(
      many,
      traverseSeqArray((n) => Task.succeed(n))
    )
    expect(await timedSummary(inParallel)).toEqual([success(many), 0])
    expect(await timedSummary(inSequence)).toEqual([success(many), 0])
  })

  it.each([
    ['traverseArrayWithIndex', traverseArrayWithIndex],
    ['traverseSeqArrayWithIndex', traverseSeqArrayWithIndex]
  ])('indices are those of the array, whichever element runs first: %s', async (_name, traverse) => {
    const task = pipe(
      ['a', 'b', 'c', 'd', 'e'],
      traverse((index, text) => Task.succeed(`${index}${text}`))
    )
    for (let seed = 0; seed < 20; seed++) {
      const { exit } = await runVirtual(task, { seed, yieldEvery: 1 + (seed % 2) })
      expect(summary(exit)).toEqual(success(['0a', '1b', '2c', '3d', '4e']))
    }
  })

  it('the functions do what the traversals of fp-ts do with the instances', async () => {
    await fc.assert(
      fc.asyncProperty(plans(4), conditions, async (given, under) => {
        const par = traverseArray(taskOf)(given)
        expect(await observe(par, under)).toEqual(
          await observe(RA.traverse(ApplicativePar)(taskOf)(given), under)
        )
        const seq = traverseSeqArray(taskOf)(given)
        expect(await observe(seq, under)).toEqual(
          await observe(RA.traverse(ApplicativeSeq)(taskOf)(given), under)
        )
      })
    )
  })
})
