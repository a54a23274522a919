import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url))

// Tests import the library by its public names; here these are its sources, so that a failing test points into them.
export default defineConfig({
  resolve: {
    alias: [
      { find: /^aio-ts$/, replacement: source('index.ts') },
      { find: /^aio-ts\/(Task|Schedule)$/, replacement: source('$1.ts') },
      { find: /^aio-ts\/(fp-ts|io-ts|node|testing|vitest)$/, replacement: source('$1/index.ts') }
    ]
  },
  test: { include: ['test/**/*.test.ts'], testTimeout: 10_000 }
})
