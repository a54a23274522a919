/**
 * How a job ended, whatever its types are: on its way between caller and worker only the job's codecs know
 * them.
 */
import type { Exit } from '../data/exit.js'

export type AnyExit = Exit<unknown, unknown>
