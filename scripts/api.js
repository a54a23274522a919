/**
 * `npm run api`: writes the API report of each entry of the package, `etc/<entry>.api.md`, for reviewers: a change of a public type
 * shows up there, and only there if the change was not intended. By API Extractor, which takes one entry at a time.
 *
 * With `--check`, writes nothing, and fails if a report is out of date: so in CI.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor'
import { root, Stop } from './process.js'
import { wireit } from './wireit.js'

const configFile = join(root, 'etc/api-extractor.json')

const help = `Usage: npm run api -- [--check]

Writes the API reports, etc/*.api.md.

Options:
  --check  write nothing; exit code 1 if a report is out of date
  --help   print this help`

/** The declaration files of the entries, by name; `aio-ts` contains Task and Schedule. */
const entries = () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return Object.entries(exports).flatMap(([path, entry]) =>
    typeof entry === 'string' || path === './Task' || path === './Schedule'
      ? []
      : [{ name: path === '.' ? 'index' : path.slice(2), types: join(root, entry.types) }]
  )
}

/** @param {{ readonly name: string, readonly types: string }} entry */
const configOf = ({ name, types }) => {
  const configObject = ExtractorConfig.loadFile(configFile)
  configObject.mainEntryPointFilePath = types
  configObject.apiReport = { ...configObject.apiReport, enabled: true, reportFileName: `${name}.api.md` }
  configObject.compiler = {
    ...configObject.compiler,
    overrideTsconfig: { ...configObject.compiler?.overrideTsconfig, files: [types] }
  }
  return ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: configFile,
    packageJsonFullPath: join(root, 'package.json')
  })
}

/** @param {ReadonlyArray<string>} args */
export const main = async (args) => {
  if (args.includes('--help')) {
    console.log(help)
    return 0
  }
  const unknown = args.find((arg) => arg !== '--check')
  if (unknown !== undefined) throw new Stop(`Unknown option ${unknown}.\n\n${help}`, 2)
  const isCheck = args.includes('--check')
  await wireit('build:dist')
  /** @type {Array<string>} */
  const changed = []
  let errors = 0
  for (const entry of entries()) {
    const result = Extractor.invoke(configOf(entry), {
      localBuild: !isCheck,
      messageCallback: (message) => {
        // What belongs to a report is in it; the rest of the progress is of no use here.
        if (message.logLevel === 'error') console.error(message.text)
        message.handled = true
      }
    })
    if (result.apiReportChanged) changed.push(`etc/${entry.name}.api.md`)
    errors += result.errorCount
  }
  if (changed.length === 0) console.log('The API reports are up to date.')
  else if (isCheck)
    console.error(`Out of date: ${changed.join(', ')}. Run \`npm run api\`, and review what has changed.`)
  else console.log(`Written: ${changed.join(', ')}`)
  return errors === 0 && (changed.length === 0 || !isCheck) ? 0 : 1
}
