/** Truncates names and texts of the program before they are sent to the page: they may have any length. */

const truncationMark = '…'

/**
 * Returns at most `most` characters of `text`, the last one an ellipsis if characters were removed. Never
 * splits a surrogate pair.
 */
export function truncate(text: string, most: number): string {
  if (text.length <= most) return text
  const last = text.charCodeAt(most - 2)
  const isHalf = last >= 0xd800 && last <= 0xdbff
  return text.slice(0, isHalf ? most - 2 : most - 1) + truncationMark
}

/** Truncates a name to a length at which it can still be recognized. */
export const truncateName = (name: string | undefined): string | undefined =>
  name === undefined ? undefined : truncate(String(name), 200)

/** Truncates a formatted cause with its stacks. */
export const truncateCause = (text: string): string => truncate(text, 4000)
