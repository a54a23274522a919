/**
 * `npm start`: the main job, on a machine that has but Node and npm. What follows `--` goes to the program.
 *
 * The program is ours to start: wireit gives a task neither the terminal nor its input.
 */
import { join } from 'node:path'
import { become, root } from './process.js'
import { wireit } from './wireit.js'

/** @param {ReadonlyArray<string>} args */
export const main = async (args) => {
  await wireit('build:examples')
  const program = join(root, '.tmp/examples/find-duplicates/main.js')
  // npm goes to the project's folder first; a folder on the command line is relative to the caller's working directory.
  const namesFolder = args.some((arg) => !arg.startsWith('-'))
  const cwd = (namesFolder ? process.env.INIT_CWD : undefined) ?? root
  return become(process.execPath, [program, ...args], { cwd })
}
