/** The page of the inspector itself, on a running program: what it receives, under the policy that it is sent with. */
import { Group, Queue, runTask, Task } from 'aio-ts'
import { inspect } from 'aio-ts/inspect'
import { expect, test, vi } from 'vitest'
import { open, type Program } from './browser.js'

vi.setConfig({ testTimeout: 30_000 })

/** 3,000 workers at an empty queue. */
class Work implements Program {
  readonly group = new Group<string>({ name: 'pool', onFailure: () => {} })
  address = ''
  private inspector: { readonly asyncClose: () => Task.Task<never, void> } | undefined

  async start(): Promise<void> {
    const opened = await runTask(inspect({ title: 'at work' }))
    if (opened._tag === 'Left') throw opened.left
    this.inspector = opened.right
    this.address = opened.right.url
    // It is told of what is made from now on.
    const jobs = new Queue<number>(5, { name: 'jobs' })
    for (let n = 0; n < 3000; n++)
      await runTask(this.group.spawn(Task.orDie(jobs.get()), { name: `worker ${n}` }))
  }

  async closeInspector(): Promise<void> {
    if (this.inspector !== undefined) await runTask(this.inspector.asyncClose())
  }

  async stop(): Promise<void> {
    await this.closeInspector()
    await runTask(this.group.asyncClose())
  }
}

test('the page shows the program, opens sibling groups, searches, shows a failure, and notices a closed inspector', async () => {
  const work = new Work()
  const page = await open(work)
  const grid = page.getByRole('treegrid')
  await page.getByRole('heading', { name: 'at work' }).waitFor()
  const bunch = grid.getByRole('row', { name: /worker \* × 3,000/ })
  expect(await bunch.innerText()).toMatch(/waiting\s+Queue\.get jobs/)
  await bunch.locator('.twist').click()
  await grid.getByRole('row', { name: /worker 7 #/ }).waitFor()
  await page.keyboard.press('t')
  await page.keyboard.press('End')
  await grid.getByRole('row', { name: /worker 2999 #/ }).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('worker 1234')
  await page.getByText('2 rows', { exact: true }).waitFor()
  expect(await page.getByRole('row', { name: /^jobs/ }).innerText()).toMatch(/0 of 5\s+3,000\s+0/)
  await runTask(work.group.spawn(Task.named('looking')(Task.fail('<b>nothing</b>')), { name: 'searcher' }))
  const failure = page.getByRole('button', { name: /searcher/ })
  await failure.click()
  expect(await page.getByRole('region', { name: 'Cause of searcher' }).innerText()).toMatch(
    /failed: "?<b>nothing<\/b>"?\n\s+in looking/
  )
  await work.closeInspector()
  await page.getByRole('alert').waitFor()
})
