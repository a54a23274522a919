/**
 * Stacks, as hosts write them: which of their lines are a user's.
 *
 * The library's own files are found from a stack that is taken here, and not by a name that a user's folder
 * may have, too. In a bundle they are none: all is one file then, and nothing can be told apart (but where
 * source maps are on).
 */

/**
 * The folder of this file, with the slash, as it stands in stacks: in the sources, or where the build has put
 * it together.
 */
function readRoot(): string | undefined {
  const stack = new Error().stack ?? ''
  return /^.*(?:at |@|\()(.*[\\/])(?:data\.js|data[\\/]stacks\.[jt]s)(?:\?.*)?:\d+:\d+\)?$/m.exec(stack)?.[1]
}

const root: string | undefined = /* @__PURE__ */ readRoot()

const isLibraryLine = (line: string): boolean =>
  (root !== undefined && line.includes(root)) ||
  /[ (@](?:node:(?:internal\/|async_hooks:)|ext:deno_node\/)/.test(line)

/** `at f (file:1:2)`, or Firefox's and Safari's `f@file:1:2`. */
const isFrame = (line: string): boolean => /^\s*at |@/.test(line)

/** A function of the host's own. */
const isBuiltIn = (line: string): boolean => /<anonymous>\)?$|\[native code\]$/.test(line)

/**
 * The stack of an error with this message, without the lines of the library and of Node's own machinery, nor
 * of what the host did on their behalf. As it is where no line would be left.
 */
export function cleaned(stack: string, message: string): string {
  // A message may have lines that look like frames.
  const begin = stack.includes(message) ? stack.indexOf(message) + message.length : 0
  const kept: Array<string> = []
  let isCalledByOwn = false
  for (const line of stack.slice(begin).split('\n').reverse()) {
    if (isLibraryLine(line)) isCalledByOwn = true
    else if (!isCalledByOwn || !isBuiltIn(line)) {
      isCalledByOwn = false
      kept.push(line)
    }
  }
  return kept.some(isFrame) ? stack.slice(0, begin) + kept.reverse().join('\n') : stack
}

/**
 * The first line that is a user's, without the `at`: not one of a package where there is another, and none
 * below the function `boundary` of the library. Undefined where there is none.
 */
export function userLine(stack: string, boundary: string): string | undefined {
  if (root === undefined) return undefined
  let first: string | undefined
  for (const line of stack.split('\n')) {
    if (isLibraryLine(line)) {
      if (line.includes(boundary)) break
    } else if (/:\d+:\d+\)?$/.test(line) && !/[\\/]node_modules[\\/]fp-ts[\\/]/.test(line)) {
      const place = line.trim().replace(/^at /, '')
      if (!/[\\/]node_modules[\\/]/.test(place)) return place
      first ??= place
    }
  }
  return first
}
