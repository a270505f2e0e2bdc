import '/work/main/harness/register.ts'
import { it } from 'vitest'
import { fromMacrotask } from '/work/main/harness/explore/explore-subject.ts'
import { simulateNow } from '/work/main/harness/sim/simulate.ts'
import { ExhaustiveSearch } from '/work/main/harness/sim/strategy/exhaustive.ts'
import { randomProgram } from '/work/main/test/harness/sim/strategy/random-program.ts'
it('x', async () => {
  for (let seed = 1; seed < 60; seed++) {
   await fromMacrotask(() => {
    const count = (reduces: boolean) => {
    const search = new ExhaustiveSearch({ reduces })
    let n = 0, red = 0
    const outs = new Set<string>()
    const t = performance.now()
    for (let o = search.next(); o && n+red < 3000; o = search.next()) {
      const r = simulateNow(randomProgram(seed), { seed: 1, strategy: o.strategy, footprints: o.footprints, windowMs: 2, settleMs: 0, trace: false })
      if (o.finish()) { n++; outs.add(String(r.value)) } else red++
      if (r.status !== 'done' || r.findings.length) console.log(seed, r.status, r.findings)
    }
    return [n, red, outs.size, Math.round(performance.now() - t)]
    }
    console.log(seed, JSON.stringify(count(false)), JSON.stringify(count(true)))
   })
  }
})
