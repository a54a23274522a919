/** How far the search has come: plain counters, written by the walker and the hashers, read by the progress display. */
export interface Tally {
  /** Regular files seen, of any size, and what they hold together. */
  files: number
  bytes: number
  folders: number
  /** Nothing new will be found. */
  walked: boolean
  /** Bytes that may have to be read; grows while the walk goes on. */
  expected: number
  /** Bytes of those that have been read or need not be, as far as is known by now: it may step back. */
  settled: number
  /** Bytes that were really read. */
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
