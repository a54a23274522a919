/**
 * A small service on node:http, written with one library: `node server.js NAME`. It reads a JSON body, looks a record up in a map behind
 * a promise, and answers with JSON. Prints its port, and ends when stdin does.
 */
import { createServer } from 'node:http'

const [, , name = ''] = process.argv
const { handle } = await import(`./services/${name}.js`)

const server = createServer(handle).listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(typeof address === 'object' ? address?.port : address)
})
process.stdin.resume().on('end', () => process.exit(0))
