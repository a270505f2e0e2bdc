import '../../../../harness/register.ts'
import crypto from 'node:crypto'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { sameInBothWorlds, thrownBy } from '../both-worlds.ts'

/** One of everything that is drawn, in text. */
async function drawAll() {
  const filled = Buffer.alloc(12)
  crypto.randomFillSync(filled, 4, 4)
  await promisify(crypto.randomFill)(filled)
  return [
    Math.random(),
    crypto.randomBytes(8).toString('hex'),
    (await promisify(crypto.randomBytes)(8)).toString('hex'),
    filled.toString('hex'),
    crypto.randomInt(1000),
    await promisify<number, number>(crypto.randomInt)(1000),
    crypto.randomUUID(),
    globalThis.crypto.randomUUID(),
    [...globalThis.crypto.getRandomValues(new Uint32Array(2))],
  ]
}

describe('what is drawn at random', () => {
  it('is the same for the same seed, and differs between seeds and draws', async () => {
    const [one, again, other] = [
      (await simulate(drawAll, { seed: 1 })).value,
      (await simulate(drawAll, { seed: 1 })).value,
      (await simulate(drawAll, { seed: 2 })).value,
    ]
    expect(one).toEqual(again)
    for (const [place, drawn] of one?.entries() ?? []) expect(drawn).not.toEqual(other?.[place])
    expect(new Set(one?.map(String)).size).toBe(one?.length)
  })

  it('has the form of the real draws', async () => {
    await sameInBothWorlds(async () => {
      const bytes = Buffer.alloc(12, 1)
      crypto.randomFillSync(bytes, 4, 4)
      const words = new Uint32Array(4).fill(1)
      crypto.randomFillSync(words, 1, 2)
      const integers = Array.from({ length: 100 }, () => crypto.randomInt(5, 7))
      return [
        [bytes.subarray(0, 4).toString('hex'), bytes.subarray(8).toString('hex'), words[0], words[3]],
        [Math.min(...integers), Math.max(...integers)],
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()),
        [crypto.randomBytes(0).length, Math.random() < 1],
      ]
    })
  })

  it('meets the errors of the real functions', async () => {
    const thrown = await sameInBothWorlds(async () => [
      await thrownBy(() => crypto.randomBytes(-1)),
      await thrownBy(() => crypto.randomBytes('8' as never, () => {})),
      await thrownBy(() => crypto.randomInt(5, 5)),
      await thrownBy(() => crypto.randomInt(1.5)),
      await thrownBy(() => globalThis.crypto.getRandomValues([] as never)),
    ])
    expect(thrown).not.toContain(undefined)
  })
})
