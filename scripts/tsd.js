/** `npm run tsd`: the types of the built package, as its users see them. */
import { ensureBuilt, ensureInstalled } from './setup.js'
import { packageTypeSteps, runSteps, summary } from './steps.js'

export const main = async () => {
  await ensureInstalled()
  await ensureBuilt()
  return summary(await runSteps(packageTypeSteps())).failed === 0 ? 0 : 1
}
