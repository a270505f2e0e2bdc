import '../../../../harness/register.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { active } from '../../../../harness/sim/active.ts'
import { type SimResult, simulateNow } from '../../../../harness/sim/simulate.ts'
import { type Hold, type Holding, holding } from '../../../../harness/sim/strategy/holds.ts'
import { natural } from '../../../../harness/sim/strategy/natural.ts'
import type { Strategy } from '../../../../harness/sim/strategy/strategy.ts'

/** Four workers that each wait three times. */
async function program(sim: import('../../../../harness/sim/sim.ts').Sim): Promise<void> {
  const work = async (index: number) => {
    for (let turn = 0; turn < 3; turn++) await sleep(1 + ((index * 2 + turn) % 4))
  }
  await Promise.all([0, 1, 2, 3].map((index) => sim.process(`w${index}`, () => work(index))))
}

function play(strategy: Strategy): Promise<SimResult<unknown>> {
  return new Promise((resolve) => {
    active.real.setImmediate(() => resolve(simulateNow(program, { strategy })))
  })
}

async function underHolds(holds: readonly Hold[]): Promise<{ result: SimResult<unknown>; strategy: Holding }> {
  const strategy = holding(holds)
  return { result: await play(strategy), strategy }
}

describe('an order under holds', () => {
  it('is the natural one without any', async () => {
    expect((await underHolds([])).result.hash).toBe((await play(natural())).hash)
  })

  it('keeps an event back until another one has happened, and tells where it would have come', async () => {
    const { choices } = await play(natural())
    const [event, until] = ['start w0#1/0', 'start w3#1/0']
    const { result, strategy } = await underHolds([{ event, until }])
    expect(result.choices.indexOf(event)).toBeGreaterThan(result.choices.indexOf(until))
    expect(strategy.effective).toEqual([{ event, until, dueAtStep: choices.indexOf(event), label: 'w0', node: 'w0' }])
  })

  it('lets a held event go when nothing else can happen', async () => {
    const { result } = await underHolds([{ event: 'start w0#1/0', until: 'nobody/0' }])
    expect(result.status).toBe('done')
  })

  it('is the same to the byte without the holds that changed nothing, whatever the holds', async () => {
    const { choices } = await play(natural())
    const key = fc.constantFrom(...choices, 'nobody/0')
    const holds = fc.uniqueArray(fc.record({ event: key, until: key }), {
      maxLength: 8,
      selector: ({ event }) => event,
    })
    await fc.assert(
      fc.asyncProperty(holds, async (some) => {
        const { result, strategy } = await underHolds(some)
        expect((await underHolds(strategy.effective)).result.hash).toBe(result.hash)
      }),
      { numRuns: 200 },
    )
  })
})
