import '../../../../harness/register.ts'
import { setImmediate as immediate, scheduler, setTimeout as sleep, setInterval as ticks } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { sameInBothWorlds, thrownBy } from '../both-worlds.ts'

describe('node:timers/promises', () => {
  it('gives values and repeats', async () => {
    const answers = await sameInBothWorlds(async () => {
      const values: unknown[] = [await sleep(3, 'later'), await immediate('soon'), await scheduler.yield()]
      await scheduler.wait(3)
      for await (const value of ticks(2, 'tick')) if (values.push(value) === 6) break
      return values
    })
    expect(answers).toEqual(['later', 'soon', undefined, 'tick', 'tick', 'tick'])
  })

  it('waits for as long as it is told', async () => {
    const { value } = await simulate(async (sim) => {
      await sleep(500)
      await scheduler.wait(250)
      return sim.nowMs
    })
    expect(value).toBe(750)
  })

  it('is aborted before, while and after it waits, with the reason as the cause', async () => {
    const thrown = await sameInBothWorlds(async () => {
      const [early, later] = [AbortSignal.abort('early'), new AbortController()]
      const waiting = [sleep(1000, 1, later), immediate(1, later), scheduler.wait(1000, later)]
      const caught = waiting.map((promise) => promise.catch((error) => [error.name, error.code, error.cause]))
      later.abort('later')
      return [
        await Promise.all(caught),
        await thrownBy(() => sleep(1, 1, { signal: early })),
        await thrownBy(async () => {
          for await (const _tick of ticks(1, 1, { signal: early })) break
        }),
      ]
    })
    expect(thrown[0]).toEqual(Array(3).fill(['AbortError', 'ABORT_ERR', 'later']))
  })

  it('complains as the real one does', async () => {
    const thrown = await sameInBothWorlds(async () => [
      await thrownBy(() => sleep('1' as never)),
      await thrownBy(() => sleep(1, 1, { signal: 1 as never })),
      await thrownBy(() => sleep(1, 1, { ref: 1 as never })),
      await thrownBy(() => immediate(1, 2 as never)),
    ])
    expect(thrown.map((error) => error?.code)).toEqual(Array(4).fill('ERR_INVALID_ARG_TYPE'))
  })

  it('keeps nothing going with `ref: false`', async () => {
    const { status } = await simulate(() => sleep(10, undefined, { ref: false }))
    expect(status).toBe('idle')
  })
})
