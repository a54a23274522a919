/**
 * The command of the task `build:dist`: makes dist of what the compiler and the bundler of the page have made.
 *
 * It grows in another folder, which takes the place of dist when it is complete: programs that use dist never see half of one.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { putTogether } from './chunks.js'
import { root } from './process.js'

const compiled = join(root, '.tmp/compiled')
const page = join(root, '.tmp/page')
const dist = join(root, 'dist')
// A sibling: source maps hold in both places, and the last step is a rename.
const next = join(root, '.dist-next')
const old = join(root, '.dist-old')

/** Loaded by its path, on a thread of an executor. */
const threadFile = 'node/thread.js'

/** @type {Record<string, string | { readonly default: string }>} */
const faces = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).exports

const entries = Object.values(faces).flatMap((target) =>
  typeof target === 'string' ? [] : [relative('dist', target.default)]
)

for (const folder of [next, old]) rmSync(folder, { recursive: true, force: true })
mkdirSync(next)
for (const path of readdirSync(compiled, { recursive: true, encoding: 'utf8' }))
  if (path.endsWith('.d.ts')) cpSync(join(compiled, path), join(next, path))
await putTogether(compiled, next, [...entries, threadFile])
cpSync(page, join(next, 'inspect/page'), { recursive: true })
if (existsSync(dist)) renameSync(dist, old)
renameSync(next, dist)
rmSync(old, { recursive: true, force: true })
