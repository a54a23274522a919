/**
 * The inspector's page, put together for the browser: one script and one style sheet that need nothing else, so that it works offline.
 *
 * By esbuild, which reads TSX and CSS as they are; what checks the types is `npm run typecheck`. The page may weigh so much and no more:
 * it is a tool that one opens while something is going wrong.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { root, Stop } from './process.js'

const pageSources = 'src/inspect/page'

/** Bytes, gzipped; 1 KB is 1,000 of them. */
const budgets = { 'page.js': 48_000, 'page.css': 6_000 }

const banner =
  '/*! The inspector of aio-ts (MIT). It holds Preact and uPlot (both MIT): their licences are in LICENSES.txt beside this file. */'

/**
 * The package that a file belongs to, as a folder; undefined for one of ours.
 *
 * @param {string} path
 */
const packageOf = (path) => /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path.replaceAll('\\', '/'))?.[1]

/**
 * The licences of all that went into the page, found by what was bundled and not by a list that somebody has to keep.
 *
 * @param {ReadonlyArray<string>} files relative to the project
 */
const licencesOf = (files) =>
  [...new Set(files.flatMap((file) => packageOf(file) ?? []))]
    .sort()
    .map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
      const text = join(root, folder, 'LICENSE')
      if (!existsSync(text))
        throw new Stop(`${name} is part of the inspector's page, and has no file LICENSE.`)
      return `${name} ${version}\n\n${readFileSync(text, 'utf8').trim()}\n`
    })
    .join(`\n${'-'.repeat(78)}\n\n`)

/** @param {string} folder where to; made where it is missing */
const bundlePage = async (folder) => {
  mkdirSync(folder, { recursive: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { page: join(pageSources, 'main.tsx') },
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfigRaw: {},
    legalComments: 'none',
    banner: { js: banner, css: banner },
    metafile: true,
    logLevel: 'warning'
  })
  copyFileSync(join(root, pageSources, 'index.html'), join(folder, 'index.html'))
  writeFileSync(join(folder, 'LICENSES.txt'), licencesOf(Object.keys(metafile.inputs)))
  for (const [file, budget] of Object.entries(budgets)) {
    const size = gzipSync(readFileSync(join(folder, file)), { level: 9 }).length
    if (size > budget)
      throw new Stop(
        `The inspector's ${file} weighs ${size} bytes gzipped, more than its budget of ${budget}.`
      )
  }
}

await bundlePage(process.argv[2] ?? join(root, '.tmp/page'))
