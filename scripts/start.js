/** `npm start`: the main job, on a machine that has but Node and npm. What follows `--` goes to the program. */
import { join } from 'node:path'
import { become, root } from './process.js'
import { ensureExamples, ensureInstalled } from './setup.js'

/** @param {ReadonlyArray<string>} args */
export const main = async (args) => {
  await ensureInstalled()
  await ensureExamples()
  const program = join(root, '.tmp/examples/find-duplicates/main.js')
  // npm goes to the project's folder first; a folder that a person names is meant from where that person stands.
  const namesFolder = args.some((arg) => !arg.startsWith('-'))
  const cwd = (namesFolder ? process.env.INIT_CWD : undefined) ?? root
  return become(process.execPath, [program, ...args], { cwd })
}
