/** `npm run build`: dist, anew. The old one stays in place until the new one is whole. */
import { buildAnew, ensureInstalled } from './setup.js'

export const main = async () => {
  await ensureInstalled()
  await buildAnew()
  return 0
}
