/** The kit in a real browser, bundled as a user's tests would be: it finds there what it finds in Node, with the same schedules. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test, vi } from 'vitest'
import { open, type Program } from '../inspect-page/browser.js'
import { inWords, logOf, type Outcomes, outcomes, withHost } from './program.js'

// A browser takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 })

const bundle = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('program.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'error'
  })
  const [file] = outputFiles
  if (file === undefined) throw new Error('esbuild has made nothing')
  return file.text
}

/** An empty page, the program, and something to fetch. */
const site = (script: string): Program => {
  const answers = new Map([
    ['/', { type: 'text/html', body: '<!doctype html><title>aio-ts/testing</title>' }],
    ['/program.js', { type: 'text/javascript', body: script }],
    ['/greeting', { type: 'text/plain', body: 'from the server' }]
  ])
  const server = createServer(({ url = '' }, response) => {
    const answer = answers.get(url)
    if (answer === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': answer.type }).end(answer.body)
  })
  return {
    get address() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    },
    start: () => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

test('a browser finds what Node finds, and each replays the schedules of the other', async () => {
  const program = site(await bundle())
  const page = await open(program)
  // As text: what vitest makes of a function's imports no browser knows.
  const inPage = <A>(call: string): Promise<A> =>
    page.evaluate(`import('/program.js').then((program) => program.${call})`)

  const found = await inPage<Outcomes>('outcomes()')
  expect(found).toEqual(await outcomes())
  expect(found.hour).toBe(3_600_000)
  expect(new Set(found.bySeeds.map(({ log }) => log)).size).toBeGreaterThan(2)
  expect(found.complete.complete).toBe(true)
  expect(found.deadlock).toMatchObject({ name: 'DeadlockError' })
  expect(found.deadlock.message).toMatch(/nothing can ever run again: 3 fibers left, at 1 ms/)
  expect(found.leak).toMatchObject({ name: 'LeakError' })
  expect(found.leak.message).toMatch(/left 1 fiber and 1 timer behind, at 35 ms[\s\S]*heartbeat/)
  expect(found.unsafe.message).toMatch(
    /^interrupted at step 3 of \d+, it went wrong: Error: 1 not given back/
  )
  expect(found.safe.steps).toBeGreaterThan(3)

  // What the browser has found is printed with all that it takes to see it again, here.
  const { race } = found
  expect(race.cause).toBe('Error: loaded 2 times')
  expect(race.message).toMatch(/^run \d+ \(exhaustive, .* went wrong; .*: Error: loaded 2 times/)
  expect(race.message).toContain(
    `Seed 0. The very same run again: check(await replay(make(), '${race.schedule}'))`
  )
  expect(race.log).toEqual(['two loads', 'one loads'])
  expect(await logOf(race.schedule)).toEqual(race.log)
  for (const { schedule, log } of found.bySeeds) expect((await logOf(schedule)).join()).toBe(log)
  const { schedule, log } = (await outcomes()).race
  expect(await inPage(`logOf('${schedule}')`)).toEqual(log)

  const words = await inPage<ReadonlyArray<string>>('inWords()')
  expect(words).toEqual(await inWords())
  expect(words.slice(0, 2)).toEqual([
    'Task a turn (yieldNow) "Task a turn (yieldNow)"',
    'Queue lines (open, 1 of 2 items) {"_tag":"Queue","name":"lines","isClosed":false,"size":1,"maxsize":2,"waitingGets":0,"waitingPuts":0}'
  ])
  expect(words.at(-1)).toBe('Fiber # (running)')

  const address = `${program.address}greeting`
  const answered = await inPage(`withHost('${address}')`)
  expect(answered).toEqual(await withHost(address))
  expect(answered).toEqual({
    data: { elapsed: 0, answer: 'hello' },
    server: { elapsed: 0, answer: 'from the server' },
    digest: { elapsed: 0, answer: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
    callback: { elapsed: 0, answer: 'called back' },
    unannounced: { elapsed: 0, answer: 'from outside' },
    silent: 5000,
    circling: ['Interrupt']
  })
})
