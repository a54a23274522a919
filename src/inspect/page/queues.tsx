/** The panel of queues: how full each one is, how many fibers wait at it, and how many items are put. */
import type { JSX } from 'preact'
import type { InspectorState, QueueRow } from '../protocol.js'
import { formatNumber, oneLine, rate, whole } from './format.js'

const queueNameOf = ({ name, id }: QueueRow): string => (name === undefined ? `queue #${id}` : name)

const queueTextOf = ({ size, maxsize }: QueueRow): string =>
  maxsize <= 0 ? `${formatNumber(size)}, no limit` : `${formatNumber(size)} of ${formatNumber(maxsize)}`

const Fill = ({ queue }: { readonly queue: QueueRow }): JSX.Element => {
  const { size, maxsize } = queue
  const words = queueTextOf(queue)
  if (maxsize <= 0) return <span class="fill">{words}</span>
  const isFull = size >= maxsize
  return (
    <span class={isFull ? 'fill full' : 'fill'}>
      <span
        class="meter"
        role="meter"
        aria-label={`Fill of ${oneLine(queueNameOf(queue))}`}
        aria-valuemin={0}
        aria-valuemax={maxsize}
        aria-valuenow={Math.min(size, maxsize)}
        aria-valuetext={words}
      >
        <span style={{ width: `${Math.min(100, (100 * size) / maxsize)}%` }} />
      </span>
      {words}
      {isFull && <b> full</b>}
    </span>
  )
}

/** The number of waiting fibers. A zero is shown inconspicuously. */
const Waiters = ({ n }: { readonly n: number }): JSX.Element => (
  <td class={n === 0 ? 'number none' : 'number'}>{formatNumber(n)}</td>
)

const QueueLine = ({ queue }: { readonly queue: QueueRow }): JSX.Element => (
  <tr>
    <th scope="row" title={whole(queueNameOf(queue))}>
      <bdi class="name">{oneLine(queueNameOf(queue))}</bdi>
      {queue.isClosed && <span class="tag">closed</span>}
    </th>
    <td>
      <Fill queue={queue} />
    </td>
    <Waiters n={queue.waitingGets} />
    <Waiters n={queue.waitingPuts} />
    <td class="number">{rate(queue.rate)}</td>
  </tr>
)

export const Queues = ({ queues }: Pick<InspectorState, 'queues'>): JSX.Element => {
  const { rows, total } = queues
  return (
    <section class="panel queues" aria-labelledby="queues">
      <h2 id="queues">
        Queues{' '}
        {rows.length < total && (
          <small>
            {formatNumber(rows.length)} of {formatNumber(total)}
          </small>
        )}
      </h2>
      {rows.length === 0 ? (
        <p class="empty">No queue was made since the inspector was opened.</p>
      ) : (
        <div class="scroll" role="region" aria-label="Table of queues" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">name</th>
                <th scope="col">holds</th>
                <th scope="col" class="number" title="Fibers that wait for an item">
                  gets wait
                </th>
                <th scope="col" class="number" title="Fibers that wait for room">
                  puts wait
                </th>
                <th scope="col" class="number" title="Items put per second, over the last 10 seconds">
                  items/s
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((queue) => (
                <QueueLine key={queue.id} queue={queue} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
