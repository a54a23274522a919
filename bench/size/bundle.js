/** Bundles a fixture as its users would, and weighs what comes out: minified, then gzipped. */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { build } from 'esbuild'
import { rollup } from 'rollup'
import { minify } from 'terser'

/** @typedef {import('./fixtures.js').Fixture} Fixture */

/** @param {Fixture} fixture */
const pathOf = ({ file }) => fileURLToPath(new URL(`./fixtures/${file}`, import.meta.url))

/** Optional peers, loaded when somebody asks for them. */
const peers = ['piscina', 'bullmq', 'ioredis']

/** Which of the modules is Schedule's; by where it is after links have been followed. @param {string} path */
const isSchedule = (path) => /(?:^|[\\/])dist[\\/]scheduling\.js$/.test(path)

/**
 * @typedef {object} Bundle
 * @property {string} bundler
 * @property {number} minified
 * @property {number} gzipped
 * @property {number} schedule how many bytes of it come from Schedule, before minification in rollup's case
 */

/**
 * @param {Fixture} fixture
 * @returns {Promise<Bundle>}
 */
const withEsbuild = async (fixture) => {
  const { outputFiles, metafile } = await build({
    entryPoints: [pathOf(fixture)],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['node:*', ...peers, ...(fixture.external ?? [])],
    metafile: true,
    write: false,
    logLevel: 'error'
  })
  const code = outputFiles[0].contents
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs))
  return {
    bundler: 'esbuild',
    minified: code.length,
    gzipped: gzipSync(code, { level: 9 }).length,
    schedule: inputs
      .filter(([path]) => isSchedule(path))
      .reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0)
  }
}

/**
 * @param {Fixture} fixture
 * @returns {Promise<Bundle>}
 */
const withRollup = async (fixture) => {
  const external = [...peers, ...(fixture.external ?? [])]
  const bundle = await rollup({
    input: pathOf(fixture),
    plugins: [nodeResolve()],
    external: (id) =>
      id.startsWith('node:') || external.some((name) => id === name || id.startsWith(`${name}/`)),
    onLog: (level, log) => {
      if (level === 'warn' && log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message)
    }
  })
  const { output } = await bundle.generate({ format: 'esm' })
  const [chunk] = output
  const { code = '' } = await minify(chunk.code, { module: true, ecma: 2020, compress: { passes: 2 } })
  return {
    bundler: 'rollup',
    minified: Buffer.byteLength(code),
    gzipped: gzipSync(code, { level: 9 }).length,
    schedule: Object.entries(chunk.modules)
      .filter(([path]) => isSchedule(path))
      .reduce((sum, [, { renderedLength }]) => sum + renderedLength, 0)
  }
}

/**
 * @param {Fixture} fixture
 * @returns {Promise<ReadonlyArray<Bundle>>}
 */
export const bundlesOf = async (fixture) => [
  await withEsbuild(fixture),
  ...(fixture.isCommonJs === true ? [] : [await withRollup(fixture)])
]
