import { clockJump } from './clock-jump.ts'
import { cut } from './cut.ts'
import { fsError } from './fs-error.ts'
import { halfOpen } from './half-open.ts'
import { kill } from './kill.ts'
import { latency } from './latency.ts'
import { merge } from './merge.ts'
import { partition } from './partition.ts'
import { pause } from './pause.ts'
import { reset } from './reset.ts'
import { shortWrite } from './short-write.ts'
import { slowReader } from './slow-reader.ts'
import { split } from './split.ts'
import { stall } from './stall.ts'
import { tornWrite } from './torn-write.ts'

/** All faults: each is made by a function from its figures, as in `fault.latency({ delayMs: 20 })`. */
export const fault = {
  clockJump,
  cut,
  fsError,
  halfOpen,
  kill,
  latency,
  merge,
  partition,
  pause,
  reset,
  shortWrite,
  slowReader,
  split,
  stall,
  tornWrite,
} as const
