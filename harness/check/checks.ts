import { bounds } from './bounds.ts'
import { contention } from './contention.ts'
import { delivery } from './delivery.ts'
import { doubleLoads } from './double-loads.ts'
import { freshness } from './freshness.ts'
import { identity } from './identity.ts'
import { latency } from './latency.ts'
import { leftovers } from './leftovers.ts'
import { lifecycle } from './lifecycle.ts'
import { linearizable } from './linearizable/linearizable.ts'
import { lockOrder } from './lock-order.ts'
import { mutualExclusion } from './mutual-exclusion.ts'
import { oneInstance } from './one-instance.ts'
import { progress } from './progress.ts'
import { serverErrors } from './server-errors.ts'
import { setFull } from './set-full.ts'
import { survival } from './survival.ts'

/** All checks: each is made by a function from its options, as in `check.delivery()`. */
export const check = {
  bounds,
  contention,
  delivery,
  doubleLoads,
  freshness,
  identity,
  latency,
  leftovers,
  lifecycle,
  linearizable,
  lockOrder,
  mutualExclusion,
  oneInstance,
  progress,
  serverErrors,
  setFull,
  survival,
} as const
