import { ThreadSafeDict } from '../../reference-impl/state/thread-safe-dict.ts'
import { type Figure, median } from './figure.ts'
import { interleaved } from './timing.ts'

/** What one operation of the shared dictionary costs when nobody else uses it: lock, count, and encoding or decoding. */
export async function figures(): Promise<Figure[]> {
  const dict = new ThreadSafeDict<boolean>({ name: 'bench', initial: { qsfp_service: false } })
  const rounds = await interleaved(
    {
      get: (times) => {
        for (let turn = 0; turn < times; turn++) dict.get('qsfp_service')
      },
      set: (times) => {
        for (let turn = 0; turn < times; turn++) dict.set('qsfp_service', (turn & 1) === 0)
      },
    },
    { rounds: 15 },
  )
  return (['get', 'set'] as const).map((operation) => {
    const value = median(rounds.map((round) => round[operation]))
    return {
      name: `ThreadSafeDict: ${operation}`,
      value,
      unit: 'ns',
      peer: null,
      peerValue: null,
      ratio: null,
      goal: '< 1,000 ns',
      met: value < 1_000,
    }
  })
}
