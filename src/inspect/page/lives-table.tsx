/** The timeline as a table: the fibers of the last minute by name, those with the most failures first. */
import type { JSX } from 'preact'
import { duration, formatNumber, oneLine, whole } from './format.js'
import type { PageHistory } from './history.js'
import { type BarEnd, barEndOf, barEnds } from './timeline-picture.js'

interface SpanLine {
  readonly name: string
  readonly sums: Record<BarEnd, number>
  total: number
  longest: number
}

const mostSpanLines = 50

const spanLinesOf = ({ ended, living, state }: PageHistory): ReadonlyArray<SpanLine> => {
  const lines = new Map<string, SpanLine>()
  for (const fiberSpans of [ended, living])
    for (const fiberSpan of fiberSpans) {
      const name = fiberSpan.name ?? 'fiber'
      const line = lines.get(name) ?? {
        name,
        sums: { succeeded: 0, failed: 0, died: 0, interrupted: 0, living: 0 },
        total: 0,
        longest: 0
      }
      line.sums[barEndOf(fiberSpan)]++
      line.total++
      line.longest = Math.max(line.longest, (fiberSpan.to ?? state.at) - fiberSpan.from)
      lines.set(name, line)
    }
  const bad = ({ sums }: SpanLine): number => sums.failed + sums.died
  return [...lines.values()].sort((a, b) => bad(b) - bad(a) || b.total - a.total)
}

export const SpansTable = ({ kept }: { readonly kept: PageHistory }): JSX.Element => {
  const lines = spanLinesOf(kept)
  return (
    <div class="scroll" role="region" aria-label="Lifetimes by name" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">name</th>
            {barEnds.map((end) => (
              <th key={end} scope="col" class="number">
                {end}
              </th>
            ))}
            <th scope="col" class="number">
              longest
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.slice(0, mostSpanLines).map(({ name, sums, longest }) => (
            <tr key={name}>
              <th scope="row" title={whole(name)}>
                <bdi class="name">{oneLine(name)}</bdi>
              </th>
              {barEnds.map((end) => (
                <td key={end} class={sums[end] === 0 ? 'number none' : 'number'}>
                  {formatNumber(sums[end])}
                </td>
              ))}
              <td class="number">{duration(longest)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {lines.length > mostSpanLines && (
        <p class="note">and {formatNumber(lines.length - mostSpanLines)} more names</p>
      )}
    </div>
  )
}
