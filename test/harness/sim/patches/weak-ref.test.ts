import '../../../../harness/register.ts'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { sameInBothWorlds, thrownBy } from '../both-worlds.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs))

describe('WeakRef', () => {
  it('keeps its target for the whole schedule', async () => {
    const { value } = await simulate(async () => {
      const references = Array.from({ length: 100 }, (_, number) => new WeakRef({ number }))
      await sleep(1)
      collect()
      await sleep(1)
      return references.filter((reference) => reference.deref() !== undefined).length
    })
    expect(value).toBe(100)
  })

  it('lets it go when the schedule is over', async () => {
    let reference: WeakRef<object> | undefined
    await simulate(() => {
      reference = new WeakRef({})
    })
    await sleep(1)
    collect()
    await sleep(1)
    expect(reference?.deref()).toBeUndefined()
  })

  it('is otherwise the real class', async () => {
    await sameInBothWorlds(async () => {
      const target = {}
      class Named extends WeakRef<object> {
        readonly name = 'named'
      }
      const named = new Named(target)
      return [
        new WeakRef(target).deref() === target,
        new WeakRef(target) instanceof WeakRef,
        [named.name, named.deref() === target, named instanceof WeakRef],
        Object.prototype.toString.call(named),
        WeakRef.name,
        await thrownBy(() => new WeakRef(1 as never)),
      ]
    })
  })
})

describe('FinalizationRegistry', () => {
  it('calls nobody back for what was registered in a schedule, neither in it nor after it', async () => {
    const called: unknown[] = []
    const registry = new FinalizationRegistry((held) => called.push(held))
    await simulate(async () => {
      registry.register({}, 'inside')
      await sleep(1)
      collect()
      await sleep(1)
    })
    registry.register({}, 'outside')
    for (let turn = 0; turn < 10 && called.length === 0; turn++) {
      await sleep(5)
      collect()
    }
    expect(called).toEqual(['outside'])
  })

  it('knows tokens, and judges arguments, as the real one does', async () => {
    await sameInBothWorlds(async () => {
      const registry = new FinalizationRegistry(() => {})
      const [target, token] = [{}, {}]
      return [
        registry.register(target, 1, token),
        registry.unregister(token),
        registry.unregister(token),
        await thrownBy(() => registry.register(target, target)),
        await thrownBy(() => registry.register(1 as never, 2)),
        await thrownBy(() => registry.unregister(1 as never)),
      ]
    })
  })
})
