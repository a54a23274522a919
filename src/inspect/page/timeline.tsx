/**
 * The timeline of the last minute: each fiber is a bar from its start to its end. It is drawn on a canvas,
 * since there may be thousands. The information is also given as text: the number of fibers by outcome above
 * the picture, and on demand a table by name below it.
 */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Life } from '../protocol.js'
import { duration, formatNumber, oneLine } from './format.js'
import { marksOf, markWords, type PageHistory, spanOf } from './history.js'
import { Icon, Signed } from './icons.js'
import { SpansTable } from './lives-table.js'
import { onColours } from './theme.js'
import { type BarEnd, barEndOf, barEnds, draw, fiberSpanAt, type Picture } from './timeline-picture.js'

/** Counts all fibers, including those that are not drawn. */
const tally = ({ state }: PageHistory): Readonly<Record<BarEnd, number>> => {
  const { ended } = state.rates
  const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)
  const { running, ready, waiting } = state.totals.fibers
  return {
    living: running + ready + waiting,
    succeeded: sum(ended.succeeded),
    failed: sum(ended.failed),
    died: sum(ended.died),
    interrupted: sum(ended.interrupted)
  }
}

/** Explains each color and shape of the picture, with its number. */
const Legend = ({ sums }: { readonly sums: Readonly<Record<BarEnd, number>> }): JSX.Element => (
  <ul class="legend">
    {barEnds.map((end) => (
      <li key={end}>
        <Icon of={end} />
        {end} <b>{formatNumber(sums[end])}</b>
      </li>
    ))}
  </ul>
)

interface PointedBar {
  readonly fiberSpan: Life
  readonly x: number
  readonly y: number
}

const Tip = ({ pointed, at }: { readonly pointed: PointedBar; readonly at: number }): JSX.Element => {
  const { fiberSpan, x, y } = pointed
  return (
    <div class="tip" style={{ left: `${x}px`, top: `${y}px` }} aria-hidden="true">
      <bdi class="name">{oneLine(fiberSpan.name ?? 'fiber')}</bdi> #{fiberSpan.fiber}
      <br />
      <Signed of={barEndOf(fiberSpan)} /> {fiberSpan.to === undefined ? 'for' : 'after'}{' '}
      {duration((fiberSpan.to ?? at) - fiberSpan.from)}
    </div>
  )
}

/** The numbers of fibers that are not drawn. */
const NotDrawn = ({ kept }: { readonly kept: PageHistory }): JSX.Element | null => {
  const parts = [
    ...(kept.livingLeft > 0 ? [`${formatNumber(kept.livingLeft)} living`] : []),
    ...(kept.left > 0 ? [`${formatNumber(kept.left)} ended`] : [])
  ]
  return parts.length === 0 ? null : (
    <p class="note">Not drawn, since there are too many: {parts.join(', ')}.</p>
  )
}

const useCanvas = (picture: Picture): { readonly current: HTMLCanvasElement | null } => {
  const canvas = useRef<HTMLCanvasElement>(null)
  const latest = useRef(picture)
  latest.current = picture
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, picture)
  }, [picture.kept])
  useEffect(() => {
    const again = (): void => {
      if (canvas.current !== null) draw(canvas.current, latest.current)
    }
    const observer = new ResizeObserver(again)
    if (canvas.current !== null) observer.observe(canvas.current)
    const undo = onColours(again)
    return () => {
      observer.disconnect()
      undo()
    }
  }, [])
  return canvas
}

export const Timeline = ({ kept }: { readonly kept: PageHistory }): JSX.Element => {
  const picture: Picture = { kept, at: kept.state.at }
  const canvas = useCanvas(picture)
  const [pointed, point] = useState<PointedBar>()
  const [isTable, showTable] = useState(false)
  const sums = tally(kept)
  const move = (event: PointerEvent): void => {
    const { left, top, width, height } = (event.currentTarget as HTMLCanvasElement).getBoundingClientRect()
    const [x, y] = [event.clientX - left, event.clientY - top]
    const fiberSpan = fiberSpanAt(picture, x, y, width, height)
    point(fiberSpan && { fiberSpan, x: Math.min(x, width - 180), y })
  }
  const words = barEnds.map((end) => `${formatNumber(sums[end])} ${end}`).join(', ')
  return (
    <section class="panel timeline" aria-labelledby="timeline">
      <div class="title">
        <h2 id="timeline">
          Lifetimes <small>the last minute</small>
        </h2>
        <Legend sums={sums} />
        <button type="button" class="quiet" aria-expanded={isTable} onClick={() => showTable(!isTable)}>
          {isTable ? 'Hide table' : 'As a table'}
        </button>
      </div>
      <div class="picture">
        <canvas
          ref={canvas}
          role="img"
          aria-label={`Lifetimes of the last minute: ${words}. The same by name: “As a table”.`}
          onPointerMove={move}
          onPointerLeave={() => point(undefined)}
        />
        {pointed !== undefined && <Tip pointed={pointed} at={picture.at} />}
        {kept.ended.length + kept.living.length === 0 && (
          <p class="empty">No fiber has run within the last minute.</p>
        )}
      </div>
      <div class="scale" aria-hidden="true">
        {marksOf(spanOf(kept.state)).map((ms) => (
          <span key={ms}>{markWords(ms)}</span>
        ))}
      </div>
      <NotDrawn kept={kept} />
      {isTable && <SpansTable kept={kept} />}
    </section>
  )
}
