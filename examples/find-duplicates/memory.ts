/**
 * V8 lets its nursery of young objects grow to 48 MB, however few of them survive. This program makes a few short-lived
 * objects for each file, so a quarter of the 200 MB that it may take would be lost to the nursery, although a small one
 * does the same work in the same time.
 */
import { setFlagsFromString } from 'node:v8'

/** V8 reads this factor each time that it wants to grow the nursery, so it may be set while the program runs. */
export const keepNurserySmall = (): void => setFlagsFromString('--semi-space-growth-factor=1')
