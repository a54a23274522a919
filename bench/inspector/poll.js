/**
 * Asks an inspector as its page does, in a process of its own: for each line on stdin once, at the address on that line. Says on
 * stdout how long the page would then wait before it asks again. An empty line ends it.
 */
import { createInterface } from 'node:readline'

let last = ''
let failures = 0
let lives = 0
for await (const url of createInterface({ input: process.stdin })) {
  if (url === '') process.exit()
  // Another inspector counts anew.
  if (url !== last) failures = lives = 0
  last = url
  const answer = await fetch(`${url}state?from=0&rows=60&failuresAfter=${failures}&livesAfter=${lives}`)
  const state = await answer.json()
  failures = state.failures.at(-1)?.number ?? failures
  lives = state.lives.ended.at(-1)?.number ?? lives
  console.log(state.nextMs)
}
