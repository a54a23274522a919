/** The circles in which fibers wait for each other: the one place where the inspector hears of them. */

/** Each as the titles of its fibers, in the order in which they wait. */
export const circlesNow = (): ReadonlyArray<ReadonlyArray<string>> => []
