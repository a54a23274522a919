/** Names and texts come from the program and may be of any length; what goes over the wire is not. */

const truncationMark = '…'

/**
 * At most `most` characters of it, the last a mark where some were left out. Never half of a surrogate pair.
 */
export function truncate(text: string, most: number): string {
  if (text.length <= most) return text
  const last = text.charCodeAt(most - 2)
  const isHalf = last >= 0xd800 && last <= 0xdbff
  return text.slice(0, isHalf ? most - 2 : most - 1) + truncationMark
}

/** A name: long enough for a person to know it by. */
export const truncateName = (name: string | undefined): string | undefined =>
  name === undefined ? undefined : truncate(String(name), 200)

/** A cause with its stacks. */
export const truncateCause = (text: string): string => truncate(text, 4000)
