/**
 * Finds the lines of user code in the text of a stack.
 *
 * The library's own files are found from a stack that is captured here, not by a name that a folder of the
 * user may have as well. In a bundle this finds nothing: all code is in one file, so the lines cannot be
 * distinguished (unless source maps are on).
 */

/**
 * The folder of this file, with the trailing slash, as it appears in stacks: in the
 * sources or in the build output.
 */
function readRoot(): string | undefined {
  const stack = new Error().stack ?? ''
  return /^.*(?:at |@|\()(.*[\\/])(?:data\.js|data[\\/]stacks\.[jt]s)(?:\?.*)?:\d+:\d+\)?$/m.exec(stack)?.[1]
}

const root: string | undefined = /* @__PURE__ */ readRoot()

const isLibraryLine = (line: string): boolean =>
  (root !== undefined && line.includes(root)) ||
  /[ (@](?:node:(?:internal\/|async_hooks:)|ext:deno_node\/)/.test(line)

/** Matches `at f (file:1:2)`, or `f@file:1:2` of Firefox and Safari. */
const isFrame = (line: string): boolean => /^\s*at |@/.test(line)

/** Matches a built-in function of the host. */
const isBuiltIn = (line: string): boolean => /<anonymous>\)?$|\[native code\]$/.test(line)

/**
 * Returns the stack of an error with this message, without the lines of the library, of Node's internals, and
 * of the host's functions that these called. Returns it unchanged if no line would be left.
 */
export function cleaned(stack: string, message: string): string {
  // A message may contain lines that look like frames.
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
 * Returns the first line of user code, without the `at`. A line of a package is returned only
 * if there is no other, and lines below the function `boundary` of the library are ignored.
 * Returns undefined if there is none.
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
