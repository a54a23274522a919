/**
 * The door to every script: `node scripts/run.cjs NAME ...`.
 *
 * It is ours because it runs in a fresh clone: it says so if Node is too old, in words that the oldest Node still reads, and installs
 * the packages before it loads a script, which may then import them.
 */
const oldest = 20.19
const version = process.versions.node
const major = parseInt(version, 10)
const minor = parseInt(version.slice(version.indexOf('.') + 1), 10)
const tooOld = major < 20 || (major === 20 && minor < 19)

if (tooOld) {
  console.error(
    'aio-ts needs Node ' +
      oldest +
      ' or later; this is Node ' +
      version +
      ' (' +
      process.execPath +
      '). Install a newer one from https://nodejs.org or with your version manager, then try again.'
  )
  process.exit(1)
}

import('./setup.js')
  .then((setup) => setup.ensureInstalled())
  .then(() => import(`./${process.argv[2]}.js`))
  .then((script) => script.main(process.argv.slice(3)))
  .then(
    (code) => {
      process.exitCode = code
    },
    (error) => {
      // A Stop is a sentence for a person; anything else is a fault of the script, and keeps its stack.
      const isStop = error && error.name === 'Stop'
      console.error(isStop ? error.message : error)
      process.exitCode = isStop ? error.exitCode : 1
    }
  )
