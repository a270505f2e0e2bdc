import '../../../../harness/register.ts'
import crypto from 'node:crypto'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { sameInBothWorlds, thrownBy } from '../both-worlds.ts'

const { privateKey, publicKey } = crypto.generateKeyPairSync('ed25519')
const data = Buffer.from('what is signed')

const jobs: Record<string, () => Promise<unknown>> = {
  pbkdf2: () => promisify(crypto.pbkdf2)('secret', 'salt', 10, 32, 'sha256'),
  scrypt: () => promisify(crypto.scrypt)('secret', 'salt', 16),
  'scrypt with options': () =>
    new Promise((resolve, reject) =>
      crypto.scrypt('secret', 'salt', 16, { N: 4 }, (error, key) => (error ? reject(error) : resolve(key))),
    ),
  hkdf: async () => Buffer.from(await promisify(crypto.hkdf)('sha256', 'secret', 'salt', 'info', 20)),
  sign: () => promisify(crypto.sign)(null, data, privateKey),
  verify: () => promisify(crypto.verify)(null, data, publicKey, crypto.sign(null, data, privateKey)),
  checkPrime: () => promisify(crypto.checkPrime)(97n),
}

it.each(Object.entries(jobs))('crypto.%s with a callback gives what the real one gives', async (_name, job) => {
  expect(await sameInBothWorlds(job)).toBeTruthy()
})

describe('an asynchronous function of node:crypto', () => {
  it('throws at the call, as the real one does, when its arguments are wrong', async () => {
    const thrown = await sameInBothWorlds(async () => [
      await thrownBy(() => crypto.pbkdf2('secret', 'salt', -1, 32, 'sha256', () => {})),
      await thrownBy(() => crypto.pbkdf2('secret', 'salt', 1, 32, 'no-digest', () => {})),
      await thrownBy(() => crypto.hkdf('no-digest', 'a', 'b', 'c', 1, () => {})),
      await thrownBy(() => crypto.scrypt('a', 'b', 8, { N: 3 }, () => {})),
      await thrownBy(() => crypto.scrypt('a', 'b', 8, undefined as never)),
      await thrownBy(() => crypto.pbkdf2('secret', 'salt', 1, 32, 'sha256', undefined as never)),
    ])
    expect(thrown.every((error) => error?.code !== undefined)).toBe(true)
  })

  it('calls back in its own time, never at once', async () => {
    const order = await sameInBothWorlds(async () => {
      const order: string[] = []
      const done = new Promise<void>((resolve) => {
        crypto.pbkdf2('a', 'b', 1, 8, 'sha1', () => {
          order.push('callback')
          resolve()
        })
      })
      process.nextTick(() => order.push('tick'))
      order.push('after the call')
      await done
      return order
    })
    expect(order).toEqual(['after the call', 'tick', 'callback'])
  })

  it('ends in any order with others', async () => {
    const firsts = new Set<unknown>()
    for (let seed = 0; seed < 20; seed++) {
      const race = () =>
        Promise.race(['a', 'b'].map(async (name) => [await promisify(crypto.scrypt)(name, 'salt', 4), name]))
      firsts.add((await simulate(race, { seed })).value?.[1])
    }
    expect([...firsts].sort()).toEqual(['a', 'b'])
  })
})
