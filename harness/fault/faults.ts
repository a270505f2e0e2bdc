import { halfOpen } from './half-open.ts'
import { kill } from './kill.ts'
import { latency } from './latency.ts'
import { reset } from './reset.ts'
import { slowReader } from './slow-reader.ts'
import { stall } from './stall.ts'

/** All faults: each is made by a function from its figures, as in `fault.latency({ delayMs: 20 })`. */
export const fault = { halfOpen, kill, latency, reset, slowReader, stall } as const
