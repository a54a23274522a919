import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { hasChromium } from './scripts/chromium.js'
import { hasRedis } from './scripts/redis.js'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The library's public names, as the files below a folder. */
const names = (folder: string, ending: string) => [
  { find: /^aio-ts$/, replacement: at(`${folder}/index.${ending}`) },
  { find: /^aio-ts\/(Task|Schedule)$/, replacement: at(`${folder}/$1.${ending}`) },
  {
    find: /^aio-ts\/(fp-ts|io-ts|node|testing|vitest|executor|bullmq|otel|inspect)$/,
    replacement: at(`${folder}/$1/index.${ending}`)
  }
]

// Threads and processes run plain JavaScript, which only the built package is; what calls them must be of the same copy.
const threads = 'test/node/{executor,create-executor}*.test.ts'
const cluster = ['test/bullmq/**/*.test.ts', 'test/examples/find-duplicates/cluster.test.ts']
// In a Chromium: the inspector's page as it is built, and the kit of users' tests.
const page = 'test/{inspect,testing}-page/**/*.test.ts'

export default defineConfig({
  test: {
    // Nothing here takes that long; a machine that does other things as well takes several times as long as an idle one.
    testTimeout: 30_000,
    // Many of the tests wait for other processes. By itself vitest takes one worker where there are two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        // So that a failing test points into the sources.
        resolve: { alias: names('./src', 'ts') },
        test: { name: 'sources', include: ['test/**/*.test.ts'], exclude: [threads, ...cluster, page] }
      },
      {
        extends: true,
        resolve: { alias: names('./dist', 'js') },
        // scripts/test.js says what is left out.
        test: {
          name: 'built',
          include: [threads, ...(hasRedis() ? cluster : []), ...(hasChromium() ? [page] : [])]
        }
      }
    ]
  }
})
