/** The entry point of the page. */
import { render } from 'preact'
import { App } from './app.js'
import { listenToKeys } from './help.js'
import { Control } from './store.js'
import './page.css'
import { oneLine } from './format.js'
import { startTheme } from './theme.js'

const pagePlace = document.getElementById('page')
if (pagePlace === null) throw new Error('index.html has no place for the page')
pagePlace.replaceChildren()
startTheme()
const control = new Control((changed) => {
  const title = changed.kept?.state.program.title
  document.title = title === undefined ? 'Inspector' : `${oneLine(title)} – inspector`
  render(<App control={changed} />, pagePlace)
})
listenToKeys(control)
control.start()
