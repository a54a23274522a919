/** Draws the fiber spans of the timeline, and finds the one under the pointer. */
import type { FiberOutcome, Life } from '../protocol.js'
import { type PageHistory, spanOf } from './history.js'
import { colours } from './theme.js'

export type BarEnd = FiberOutcome | 'living'

/**
 * The drawing order. Later ones are drawn on top, so that the worst of several overlapping spans is visible.
 */
const order: ReadonlyArray<BarEnd> = ['interrupted', 'succeeded', 'living', 'failed', 'died']

/** The reading order. */
export const barEnds: ReadonlyArray<BarEnd> = ['living', 'succeeded', 'failed', 'died', 'interrupted']

export const barEndOf = (fiberSpan: Life): BarEnd => fiberSpan.outcome ?? 'living'

export interface Picture {
  readonly kept: PageHistory
  readonly at: number
}

/**
 * The least number of lines into which the height is divided, so that a few spans are not drawn as thick
 * beams.
 */
const fewestLines = 14

/** The largest part of the height for lines whose fibers are all still alive. */
const quietPart = 0.25

interface Lines {
  /** The upper edge of each line. */
  readonly tops: ReadonlyArray<number>
  readonly heights: ReadonlyArray<number>
}

/**
 * Where each line lies. Lines on which nothing has ended show little, and in a large program most are of that
 * kind: they are drawn closer.
 */
const pictureLinesOf = ({ kept }: Pick<Picture, 'kept'>, height: number): Lines => {
  const busy = new Set(kept.ended.map((fiberSpan) => kept.lanes.of(fiberSpan)))
  const quiet = kept.lanes.size - busy.size
  const least = Math.max(fewestLines, kept.lanes.size)
  const isCrowded = busy.size > 0 && quiet > quietPart * least
  const high = height / least
  const quietHigh = isCrowded ? Math.min(high, (quietPart * height) / quiet) : high
  const busyHigh = isCrowded ? Math.min(height / fewestLines, (height - quiet * quietHigh) / busy.size) : high
  const tops: Array<number> = []
  const heights: Array<number> = []
  let top = 0
  for (let lane = 0; lane < kept.lanes.size; lane++) {
    tops.push(top)
    heights.push(busy.has(lane) ? busyHigh : quietHigh)
    top += heights[lane] ?? 0
  }
  return { tops, heights }
}

/** Marks the end of a failed span by a shape as well: a wedge for 'failed', a cross for 'died'. */
const barMark = (context: CanvasRenderingContext2D, end: BarEnd, x: number, y: number): void => {
  const size = 3.5
  context.beginPath()
  if (end === 'failed') {
    context.moveTo(x, y - size)
    context.lineTo(x + size, y + size)
    context.lineTo(x - size, y + size)
    context.fill()
  } else {
    context.moveTo(x - size, y - size)
    context.lineTo(x + size, y + size)
    context.moveTo(x + size, y - size)
    context.lineTo(x - size, y + size)
    context.stroke()
  }
}

export const draw = (canvas: HTMLCanvasElement, picture: Picture): void => {
  const { clientWidth: width, clientHeight: height } = canvas
  const context = canvas.getContext('2d')
  if (context === null || width === 0) return
  const scale = window.devicePixelRatio
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)]
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide
    canvas.height = high
  }
  context.setTransform(scale, 0, 0, scale, 0, 0)
  context.clearRect(0, 0, width, height)
  const palette = colours()
  context.fillStyle = palette.grid
  for (let part = 0; part <= 4; part++)
    context.fillRect(Math.min(width - 1, (part * width) / 4), 0, 1, height)
  const { kept, at } = picture
  const span = spanOf(kept.state)
  const begin = at - span
  const lines = pictureLinesOf(picture, height)
  const fiberSpans: Record<BarEnd, Array<Life>> = {
    interrupted: [],
    succeeded: [],
    living: [],
    failed: [],
    died: []
  }
  for (const fiberSpan of kept.ended) fiberSpans[barEndOf(fiberSpan)].push(fiberSpan)
  for (const fiberSpan of kept.living) fiberSpans.living.push(fiberSpan)
  for (const end of order) {
    // Most fibers have succeeded: they get a softer color, so that the others stand out.
    const colour = palette[end === 'succeeded' ? 'done' : end]
    context.fillStyle = colour
    context.strokeStyle = colour
    context.lineWidth = 1.75
    for (const fiberSpan of fiberSpans[end]) {
      const from = Math.max(0, ((fiberSpan.from - begin) / span) * width)
      const to = fiberSpan.to === undefined ? width : ((fiberSpan.to - begin) / span) * width
      const lane = kept.lanes.of(fiberSpan)
      const top = lines.tops[lane] ?? 0
      const line = lines.heights[lane] ?? 0
      // A gap between lines, if there is room for one.
      const thick = Math.max(1, line > 3 ? line - 1 : line)
      // Interrupted fibers are drawn thinner, since they ended early.
      const high = end === 'interrupted' ? Math.max(1, thick * 0.45) : thick
      context.fillRect(from, top + (thick - high) / 2, Math.max(1, to - from), high)
      if (end === 'failed' || end === 'died') barMark(context, end, Math.min(width - 4, to), top + thick / 2)
    }
  }
}

/** Returns the span at or near a point: the one that was drawn last. */
export const fiberSpanAt = (
  picture: Picture,
  x: number,
  y: number,
  width: number,
  height: number
): Life | undefined => {
  const { kept, at } = picture
  const lines = pictureLinesOf(picture, height)
  const span = spanOf(kept.state)
  const time = at - span + (x / width) * span
  const near = (3 / width) * span
  const isUnder = (fiberSpan: Life): boolean => {
    if (fiberSpan.from - near > time || (fiberSpan.to ?? at) + near < time) return false
    const lane = kept.lanes.of(fiberSpan)
    const high = lines.heights[lane] ?? 0
    return Math.abs((lines.tops[lane] ?? 0) + high / 2 - y) <= Math.max(high / 2, 2)
  }
  return kept.ended.findLast(isUnder) ?? kept.living.find(isUnder)
}
