/** `npm run docs`: every code block of README.md, docs/ and the docstrings, or of the files that are named. */
import { findBlocks } from './docs/blocks.js'
import { checkBlocks } from './docs/check.js'
import { root } from './process.js'
import { wireit } from './wireit.js'

/** @param {ReadonlyArray<string>} args */
export const main = async (args) => {
  await wireit('build:dist')
  const blocks = findBlocks(root).filter(({ file }) => args.length === 0 || args.includes(file))
  const verdicts = await checkBlocks(blocks)
  const faults = verdicts.flatMap((verdict) => verdict.faults)
  for (const fault of faults) console.log(fault)
  const failed = verdicts.filter((verdict) => verdict.faults.length > 0).length
  console.log(`Code blocks: ${verdicts.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}
