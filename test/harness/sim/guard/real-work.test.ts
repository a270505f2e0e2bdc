// Before the patches, as a set-up file in the wrong order would load it.
import { later, query, soon } from './early-library.ts'
import '../../../../harness/register.ts'
import { AsyncResource, createHook } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import { type Simulated, simulate, simulateNow } from '../../../../harness/sim/simulate.ts'

const place = expect.stringMatching(/early-library\.ts:\d+:\d+/)

describe('code that took a builtin before the patches', () => {
  it.each([
    ['setTimeout', later, 'a real timer (Timeout)'],
    ['setImmediate', soon, 'a real immediate (Immediate)'],
  ])('is named when it uses %s, with what to do', async (_name, use, what) => {
    const { status, pending, findings } = await simulate(use)
    expect(status).toBe('idle')
    expect(pending[0]).toContain(what)
    expect(pending[0]).toEqual(place)
    expect(pending[0]).toContain("import 'raceproof/register' before it")
    expect(findings).toMatchObject([{ kind: 'real-work', message: pending[0] }])
  })

  it('is a finding also when nobody waits for it', async () => {
    const { status, findings } = await simulate(() => void later())
    expect(status).toBe('done')
    expect(findings).toMatchObject([{ kind: 'real-work', message: place }])
  })

  it('is noticed without the watch too, only not where', async () => {
    const { findings } = await inMacrotask(() => void later())
    expect(findings).toMatchObject([{ kind: 'real-work', message: expect.stringContaining('(Timeout)') }])
  })
})

describe('a schedule that waits for something real', () => {
  it('says what it is, and where it was started', async () => {
    const { pending } = await simulate(query)
    expect(pending).toContainEqual(
      expect.stringMatching(/^a real DNS query \(QUERYWRAP\) was started at .*early-library/),
    )
  })

  it('says nothing where everything is simulated', async () => {
    const { status, pending, findings } = await simulate(async () => {
      setTimeout(() => {}, 5)
      await new Promise(() => {})
    })
    expect({ status, pending, findings }).toEqual({ status: 'idle', pending: [], findings: [] })
  })

  it('does not count what a program makes of AsyncResource', async () => {
    const { findings } = await simulate(() => {
      new AsyncResource('QUERYWRAP')
      return new Promise(() => {})
    })
    expect(findings).toEqual([])
  })

  it('leaves no hook behind', async () => {
    await simulate(later)
    const types: string[] = []
    const hook = createHook({ init: (_id, type) => types.push(type) }).enable()
    setImmediate(() => {})
    hook.disable()
    expect(types).toEqual(['Immediate'])
  })
})

function inMacrotask<T>(run: Simulated<T>) {
  return new Promise<ReturnType<typeof simulateNow<T>>>((resolve) => setImmediate(() => resolve(simulateNow(run))))
}
