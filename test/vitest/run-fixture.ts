/** Runs vitest on a fixture, in a process of its own, as a user would, and reads its report of each test. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../scripts/process.js'

export interface FixtureRun {
  readonly code: number | null
  /** What a person reads. */
  readonly output: string
  /** What became of each test. */
  readonly statuses: ReadonlyMap<string, string>
}

interface Report {
  readonly testResults: ReadonlyArray<{
    readonly assertionResults: ReadonlyArray<{
      readonly title: string
      readonly status: string
    }>
  }>
}

export const runFixture = (name: string): Promise<FixtureRun> => {
  const folder = mkdtempSync(join(tmpdir(), 'aio-ts-vitest-'))
  const file = join(folder, 'report.json')
  const args = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    // Where CI is set vitest refuses `only` by itself.
    '--allowOnly',
    '--config',
    join(root, 'test/vitest/fixtures/vitest.config.ts'),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    name
  ]
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' }
  // What tells vitest that it runs within vitest.
  for (const key of Object.keys(env)) if (key.startsWith('VITEST')) delete env[key]
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, args, { cwd: root, env }, (_, stdout, stderr) => {
      try {
        const { testResults }: Report = JSON.parse(readFileSync(file, 'utf8'))
        const results = testResults.flatMap(({ assertionResults }) => assertionResults)
        const statuses = new Map(results.map(({ title, status }) => [title, status]))
        resolve({ code: child.exitCode, output: stdout + stderr, statuses })
      } catch (error) {
        reject(new Error(`vitest said nothing that can be read:\n${stdout}${stderr}`, { cause: error }))
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })
  })
}
