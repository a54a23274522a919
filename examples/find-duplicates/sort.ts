/**
 * A sort that lets other fibers run in between. Sorting a million paths takes a second or more, and during one long call
 * neither the progress display nor Ctrl-C would work.
 */
import { Task } from 'aio-ts'

/** How many rows are sorted or merged without a pause: this takes some milliseconds. */
const stretch = 16_384

export const sortRows = (
  rows: Uint32Array,
  compare: (left: number, right: number) => number
): Task.Task<never, Uint32Array> =>
  rows.length <= stretch ? Task.sync(() => rows.slice().sort(compare)) : sortByStretches(rows, compare)

const sortByStretches = (
  rows: Uint32Array,
  compare: (left: number, right: number) => number
): Task.Task<never, Uint32Array> =>
  Task.gen(function* () {
    let from = rows.slice()
    for (let start = 0; start < from.length; start += stretch) {
      from.subarray(start, start + stretch).sort(compare)
      yield* Task.yieldNow
    }
    let to = new Uint32Array(from.length)
    for (let width = stretch; width < from.length; width *= 2) {
      for (let start = 0; start < from.length; start += 2 * width) {
        const middle = Math.min(start + width, from.length)
        yield* merge(from, to, start, middle, Math.min(middle + width, from.length), compare)
      }
      ;[from, to] = [to, from]
    }
    return from
  })

/** Merges `from[start, middle)` and `from[middle, end)`, both in order, into `to`. */
const merge = (
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  middle: number,
  end: number,
  compare: (left: number, right: number) => number
): Task.Task<never, void> =>
  Task.gen(function* () {
    let left = start
    let right = middle
    for (let at = start; at < end; at++) {
      const takeLeft = right >= end || (left < middle && compare(from[left] ?? 0, from[right] ?? 0) <= 0)
      to[at] = from[takeLeft ? left++ : right++] ?? 0
      if (at % stretch === stretch - 1) yield* Task.yieldNow
    }
  })
