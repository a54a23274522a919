/** Asks an inspector as its page does, twice a second, in a process of its own; its address comes on stdin, and an empty line ends it. */
import { createInterface } from 'node:readline'

let url = ''
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'end') process.exit()
  url = line
})
let failures = 0
let lives = 0
for (;;) {
  await new Promise((resolve) => setTimeout(resolve, 500))
  if (url === '') continue
  try {
    const answer = await fetch(`${url}state?from=0&rows=60&failuresAfter=${failures}&livesAfter=${lives}`)
    const state = await answer.json()
    failures = state.failures.at(-1)?.number ?? failures
    lives = state.lives.ended.at(-1)?.number ?? lives
  } catch {
    // The inspector has been closed between two rounds.
  }
}
