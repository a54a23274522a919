/** How far the search is: counters that the walker and the hashers increase and that the progress display reads. */
export interface Tally {
  /** The number of regular files of any size, and the sum of their sizes. */
  files: number
  bytes: number
  folders: number
  /** Whether the walk has ended, so that nothing new will be found. */
  walked: boolean
  /** Bytes that may have to be read. Grows during the walk. */
  expected: number
  /** How many of these have been read, or need not be read as far as is known. May decrease. */
  settled: number
  /** Bytes that were actually read. */
  read: number
}

export const newTally = (): Tally => ({
  files: 0,
  bytes: 0,
  folders: 0,
  walked: false,
  expected: 0,
  settled: 0,
  read: 0
})
