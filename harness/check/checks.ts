import { bounds } from './bounds.ts'
import { contention } from './contention.ts'
import { delivery } from './delivery.ts'
import { doubleLoads } from './double-loads.ts'
import { freshness } from './freshness.ts'
import { identity } from './identity.ts'
import { withKnownOptions } from './known-options.ts'
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
  bounds: withKnownOptions(bounds, {
    open: true,
    states: true,
    rates: true,
    sizes: true,
    refusals: true,
    overtaken: true,
  }),
  contention: withKnownOptions(contention, {
    steady: true,
    stampede: true,
    maxWaitShare: true,
    minRequests: true,
    maxConvoy: true,
    locks: true,
  }),
  delivery: withKnownOptions(delivery, { terminal: true, complete: true, lifetime: true }),
  doubleLoads: withKnownOptions(doubleLoads, { ttlMs: true }),
  freshness: withKnownOptions(freshness, { access: true }),
  identity: withKnownOptions(identity, { marker: true }),
  latency: withKnownOptions(latency, {
    step: true,
    baseline: true,
    of: true,
    calls: true,
    percentile: true,
    maxRatio: true,
    leastMs: true,
    minSamples: true,
  }),
  leftovers: withKnownOptions(leftovers, { except: true, leastGrowth: true, growth: true }),
  lifecycle: withKnownOptions(lifecycle, { machines: true }),
  linearizable: withKnownOptions(linearizable, { model: true, translate: true, budget: true }),
  lockOrder,
  mutualExclusion,
  oneInstance: withKnownOptions(oneInstance, { key: true, instance: true, calls: true, cache: true, clear: true }),
  progress: withKnownOptions(progress, { terminal: true, withinMs: true }),
  serverErrors: withKnownOptions(serverErrors, { refusals: true, expected: true }),
  setFull: withKnownOptions(setFull, { added: true, listed: true, eventually: true }),
  survival: withKnownOptions(survival, { account: true }),
} as const
