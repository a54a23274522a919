/** `npm run typecheck`: the sources, each part with the types that it may know. */
import { ensureInstalled } from './setup.js'
import { runSteps, summary, typeSteps } from './steps.js'

export const main = async () => {
  await ensureInstalled()
  return summary(await runSteps(typeSteps)).failed === 0 ? 0 : 1
}
