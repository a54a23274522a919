/** Whether there is a Chromium for the tests of the inspector's page, for its pictures, and for the tests of `aio-ts/testing` in a browser. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** @param {string} path */
const canRun = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Its path: what CHROMIUM_PATH says, or the first of the usual names on the PATH. */
export const chromium =
  process.env.CHROMIUM_PATH ??
  ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
    .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)))
    .find(canRun)

export const hasChromium = () => chromium !== undefined

/** What it is started with: root may not have its sandbox, and a test wants no traffic but its own. */
export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

export const leftOut =
  'Left out: test/inspect-page and test/testing-page, for want of a Chromium. To have it: apt-get install chromium (Debian, Ubuntu), or CHROMIUM_PATH=/path/to/chrome.'
