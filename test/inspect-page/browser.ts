/** One Chromium for a file of tests, a fresh context for each: whatever a page complains of is gathered, and fails the test. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { chromium as driver } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { chromium, chromiumArgs } from '../../scripts/chromium.js'

let browser: Browser | undefined
let undo: Array<() => Promise<void>> = []
let complaints: Array<string> = []

beforeAll(async () => {
  if (chromium === undefined) throw new Error('There is no Chromium: see scripts/chromium.js')
  browser = await driver.launch({ executablePath: chromium, args: [...chromiumArgs], chromiumSandbox: false })
}, 60_000)

afterEach(async () => {
  for (const step of undo.reverse()) await step()
  undo = []
  const found = complaints
  complaints = []
  expect(found).toEqual([])
})

afterAll(async () => {
  await browser?.close()
})

/** What has a page. */
export interface Program {
  readonly address: string
  start(): Promise<void>
  stop(): Promise<void>
}

/** The page of a program, which is started for it. Where time is ours, `page.clock` can let it pass. */
export const open = async (
  program: Program,
  { isTimeOurs = false, ...options }: BrowserContextOptions & { readonly isTimeOurs?: boolean } = {}
): Promise<Page> => {
  await program.start()
  undo.push(() => program.stop())
  const context = await browser!.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  undo.push(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(8_000)
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('console', (message) => {
    // That nobody answers is what one of the tests is about; the browser says so by itself.
    const isOfNetwork = message.text().startsWith('Failed to load resource')
    if (['error', 'warning'].includes(message.type()) && !isOfNetwork) complaints.push(message.text())
  })
  await page.exposeFunction('complain', (text: string) => complaints.push(text))
  await page.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, sourceFile }) =>
      (window as unknown as { complain: (text: string) => void }).complain(
        `${violatedDirective} ${sourceFile}`
      )
    )
  )
  // Before the page has made a timer, which would be beyond our reach.
  if (isTimeOurs) await page.clock.install()
  await page.goto(program.address)
  return page
}
