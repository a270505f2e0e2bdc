import '../../../../harness/register.ts'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { sameInBothWorlds, thrownBy } from '../both-worlds.ts'

describe('AbortSignal.timeout', () => {
  it('aborts with the reason of the real one', async () => {
    const reason = await sameInBothWorlds(async () => {
      const keepAlive = setTimeout(() => {}, 1000)
      const signal = AbortSignal.timeout(5)
      const before = signal.aborted
      await once(signal, 'abort')
      clearTimeout(keepAlive)
      const { name, code, message } = signal.reason
      return { before, name, code, message, thrown: await thrownBy(() => signal.throwIfAborted()) }
    })
    expect(reason).toMatchObject({ before: false, name: 'TimeoutError' })
  })

  it('is one of several by AbortSignal.any', async () => {
    const { value } = await simulate(async (sim) => {
      const controller = new AbortController()
      const any = AbortSignal.any([controller.signal, AbortSignal.timeout(200), AbortSignal.timeout(100)])
      setTimeout(() => {}, 1000)
      await once(any, 'abort')
      return [sim.nowMs, any.reason.name, controller.signal.aborted]
    })
    expect(value).toEqual([100, 'TimeoutError', false])
  })

  it('keeps nothing going', async () => {
    const { status } = await simulate(() => once(AbortSignal.timeout(5), 'abort'))
    expect(status).toBe('idle')
  })

  it('complains as the real one does', async () => {
    const thrown = await sameInBothWorlds(async () => [
      await thrownBy(() => AbortSignal.timeout(-1)),
      await thrownBy(() => AbortSignal.timeout('5' as never)),
      await thrownBy(() => AbortSignal.timeout(1.5)),
    ])
    expect(thrown).not.toContain(undefined)
  })
})
