/** Where the page begins. */
import { render } from 'preact'
import { App } from './app.js'
import { listenToKeys } from './help.js'
import { Control } from './store.js'
import './page.css'
import { oneLine } from './format.js'
import { startTheme } from './theme.js'

const place = document.getElementById('page')
if (place === null) throw new Error('index.html has no place for the page')
place.replaceChildren()
startTheme()
const control = new Control((changed) => {
  const title = changed.kept?.state.program.title
  document.title = title === undefined ? 'Inspector' : `${oneLine(title)} – inspector`
  render(<App control={changed} />, place)
})
listenToKeys(control)
control.start()
