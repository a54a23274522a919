/** What a page that has just been opened asks for. */
import type { View } from '../../src/inspect/protocol.js'

export const usual: View = {
  from: 0,
  rows: 100,
  turned: [],
  search: '',
  states: [],
  failuresAfter: 0,
  livesAfter: 0
}
