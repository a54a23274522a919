/** The timeline in words: the lives of the last minute by name, those with the most failures first. */
import type { JSX } from 'preact'
import { count, duration, oneLine, whole } from './format.js'
import type { Kept } from './history.js'
import { type End, endOf, ends } from './timeline-picture.js'

interface Line {
  readonly name: string
  readonly sums: Record<End, number>
  total: number
  longest: number
}

const mostLines = 50

const linesOf = ({ ended, living, state }: Kept): ReadonlyArray<Line> => {
  const lines = new Map<string, Line>()
  for (const lives of [ended, living])
    for (const life of lives) {
      const name = life.name ?? 'fiber'
      const line = lines.get(name) ?? {
        name,
        sums: { succeeded: 0, failed: 0, died: 0, interrupted: 0, living: 0 },
        total: 0,
        longest: 0
      }
      line.sums[endOf(life)]++
      line.total++
      line.longest = Math.max(line.longest, (life.to ?? state.at) - life.from)
      lines.set(name, line)
    }
  const bad = ({ sums }: Line): number => sums.failed + sums.died
  return [...lines.values()].sort((a, b) => bad(b) - bad(a) || b.total - a.total)
}

export const LivesTable = ({ kept }: { readonly kept: Kept }): JSX.Element => {
  const lines = linesOf(kept)
  return (
    <div class="scroll" role="region" aria-label="Lives by name" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">name</th>
            {ends.map((end) => (
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
          {lines.slice(0, mostLines).map(({ name, sums, longest }) => (
            <tr key={name}>
              <th scope="row" title={whole(name)}>
                <bdi class="name">{oneLine(name)}</bdi>
              </th>
              {ends.map((end) => (
                <td key={end} class={sums[end] === 0 ? 'number none' : 'number'}>
                  {count(sums[end])}
                </td>
              ))}
              <td class="number">{duration(longest)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {lines.length > mostLines && <p class="note">and {count(lines.length - mostLines)} more names</p>}
    </div>
  )
}
