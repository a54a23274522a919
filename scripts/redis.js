/** Whether there is a Redis for the tests of clusters, which start their own. */
import { spawnSync } from 'node:child_process'

export const hasRedis = () => spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0

export const leftOut =
  'Left out: test/bullmq, for want of a redis-server. To have it: apt-get install redis-server (Debian, Ubuntu) or brew install redis (macOS).'
