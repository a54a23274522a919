/**
 * The charts of rates per second over the last minute: fibers that started and ended, and items that were put
 * into queues.
 */
import type { JSX } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import type { InspectorState } from '../protocol.js'
import { formatCount, rate } from './format.js'
import { marksOf, markWords, spanOf } from './history.js'
import { colours, onColours, type Palette } from './theme.js'

interface RateLine {
  readonly word: string
  readonly colour: keyof Palette
  /** The lengths of strokes and gaps, so that lines differ without color. */
  readonly dash: ReadonlyArray<number>
  readonly values: ReadonlyArray<number>
}

const height = 92

const axisFont = '11px system-ui, sans-serif'

const optionsOf = (
  lines: ReadonlyArray<RateLine>,
  width: number,
  point: (index: number | undefined) => void
): uPlot.Options => ({
  width,
  height,
  padding: [6, 16, 0, 0],
  legend: { show: false },
  cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
  scales: {
    x: { time: false, range: ({ data }) => [-data[0].length, 0] },
    y: { range: (_, __, most) => [0, Math.max(4, most * 1.1)] }
  },
  axes: [
    {
      stroke: () => colours().muted,
      font: axisFont,
      grid: { stroke: () => colours().grid, width: 1 },
      ticks: { show: false },
      gap: 5,
      size: 21,
      splits: ({ data }) => marksOf(data[0].length).map((seconds) => -seconds),
      values: (_, splits) => splits.map((seconds) => markWords(-1000 * seconds))
    },
    {
      stroke: () => colours().muted,
      font: axisFont,
      grid: { stroke: () => colours().grid, width: 1 },
      ticks: { show: false },
      gap: 4,
      size: 46,
      space: 28,
      values: (_, splits) => splits.map(rate)
    }
  ],
  series: [
    {},
    ...lines.map(({ word, colour, dash }) => ({
      label: word,
      stroke: () => colours()[colour],
      width: 1.75,
      dash: [...dash],
      points: { show: false }
    }))
  ],
  hooks: { setCursor: [({ cursor }) => point(cursor.idx ?? undefined)] }
})

/** Returns seconds before now and the values. */
const rateDataOf = (lines: ReadonlyArray<RateLine>): uPlot.AlignedData => {
  const length = lines[0]?.values.length ?? 0
  return [Array.from({ length }, (_, index) => index - length), ...lines.map(({ values }) => [...values])]
}

const rateSampleOf = (dash: ReadonlyArray<number>): string => dash.join(' ')

const Chart = ({
  title,
  lines
}: {
  readonly title: string
  readonly lines: ReadonlyArray<RateLine>
}): JSX.Element => {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const [pointed, point] = useState<number>()
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const made = new uPlot(optionsOf(lines, element.clientWidth, point), rateDataOf(lines), element)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }))
    observer.observe(element)
    const undo = onColours(() => made.redraw())
    return () => {
      observer.disconnect()
      undo()
      made.destroy()
    }
  }, [])
  useEffect(() => plot.current?.setData(rateDataOf(lines)), [lines])
  const last = (lines[0]?.values.length ?? 0) - 1
  const index = pointed ?? last
  const words = lines
    .map(({ word, values }) => `${word} ${rate(values[last] ?? 0)}, at most ${rate(Math.max(0, ...values))}`)
    .join('; ')
  return (
    <figure>
      <figcaption>
        <span>{title}</span>
        <ul class="legend">
          {lines.map(({ word, colour, dash, values }) => (
            <li key={word}>
              <svg class={`stroke ${colour}`} viewBox="0 0 15 6" aria-hidden="true">
                <path d="M0 3h15" stroke-dasharray={rateSampleOf(dash)} />
              </svg>
              {word} <b>{rate(values[index] ?? 0)}</b>
            </li>
          ))}
        </ul>
        <span class="when">
          {pointed === undefined ? '' : `${formatCount(last + 1 - pointed, 'second')} ago`}
        </span>
      </figcaption>
      <div
        ref={place}
        class="plot"
        role="img"
        aria-label={`${title}, in the last second and at most in the last minute: ${words}`}
      />
    </figure>
  )
}

const last = (seconds: number, values: ReadonlyArray<number>): ReadonlyArray<number> => values.slice(-seconds)

const sum = (...parts: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<number> =>
  (parts[0] ?? []).map((_, index) => parts.reduce((total, part) => total + (part[index] ?? 0), 0))

export const Rates = ({ state }: { readonly state: InspectorState }): JSX.Element => {
  const { rates } = state
  const seconds = spanOf(state) / 1000
  const fibers = useMemo((): ReadonlyArray<RateLine> => {
    const { succeeded, failed, died, interrupted } = rates.ended
    const all = sum(succeeded, failed, died, interrupted)
    return [
      { word: 'started', colour: 'started', dash: [], values: last(seconds, rates.started) },
      { word: 'ended', colour: 'text', dash: [2, 3], values: last(seconds, all) },
      { word: 'failed or died', colour: 'died', dash: [7, 3], values: last(seconds, sum(failed, died)) }
    ]
  }, [rates])
  const queued = useMemo(
    (): ReadonlyArray<RateLine> => [
      { word: 'items', colour: 'living', dash: [], values: last(seconds, rates.items) }
    ],
    [rates]
  )
  return (
    <section class="panel rates" aria-labelledby="rates">
      <h2 id="rates">
        Rates <small>a second</small>
      </h2>
      <Chart title="Fibers" lines={fibers} />
      <Chart title="Into queues" lines={queued} />
    </section>
  )
}
