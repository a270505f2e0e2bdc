import { GuardedCache } from '../../reference-impl/sync/guarded-cache.ts'
import { type Figure, median } from './figure.ts'
import { interleaved } from './timing.ts'

/** What the double check adds to a hit, and what its counting adds to that. */
export async function figures(): Promise<Figure[]> {
  const keys = Array.from({ length: 64 }, (_, index) => `session-${index}`)
  const map = new Map(keys.map((key) => [key, { key }]))
  const cache = new GuardedCache<{ key: string }>({ name: 'bench' })
  for (const key of keys) await cache.getOrCreate(key, async () => ({ key }))
  const create = async (key: string) => ({ key })

  let found = 0
  const lookups = (lookup: (key: string) => unknown) => (times: number) => {
    for (let turn = 0; turn < times; turn++) if (lookup(keys[turn & 63] as string) !== undefined) found++
  }
  const rounds = await interleaved(
    {
      bare: lookups((key) => map.get(key)),
      guarded: lookups((key) => cache.peek(key)),
      metered: lookups((key) => cache.getOrCreate(key, create)),
    },
    { rounds: 61 },
  )
  if (found === 0) throw new Error('the benchmark found nothing, so it measured nothing')
  const bare = median(rounds.map((round) => round.bare))
  const guarded = median(rounds.map((round) => round.guarded))
  return [
    difference(
      'cache: a guarded hit over a bare Map lookup',
      rounds.map((round) => round.guarded - round.bare),
      'Map.get',
      bare,
    ),
    difference(
      'cache: metrics over a guarded hit',
      rounds.map((round) => round.metered - round.guarded),
      'guarded hit',
      guarded,
    ),
  ]
}

/** The median of the differences, round by round. */
function difference(name: string, differences: readonly number[], peer: string, peerValue: number): Figure {
  const value = median(differences)
  return { name, value, unit: 'ns', peer, peerValue, ratio: value / peerValue, goal: '< 1 ns', met: value < 1 }
}
