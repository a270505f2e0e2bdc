import '../../../../harness/register.ts'
import dns from 'node:dns'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { sameInBothWorlds, thrownBy } from '../both-worlds.ts'

const lookup = promisify(dns.lookup)

describe('dns.lookup', () => {
  it('answers for addresses as the real one does, callbacks and promises', async () => {
    await sameInBothWorlds(async () => [
      await lookup('127.0.0.1'),
      await lookup('::1', { all: true }),
      await lookup('10.1.2.3', 4),
      await dns.promises.lookup('192.168.0.1'),
      await dns.promises.lookup('::1', { all: true }),
    ])
  })

  it('answers for localhost by IPv4 as the real one does', async () => {
    const answers = await sameInBothWorlds(async () => [
      await lookup('localhost', { family: 4 }),
      await dns.promises.lookup('localhost', 4),
      await dns.promises.lookup('localhost', { family: 4, all: true }),
    ])
    expect(answers[0]).toEqual({ address: '127.0.0.1', family: 4 })
  })

  it('knows names below localhost, and no other', async () => {
    const { value } = await simulate(async () => [
      await lookup('api.localhost'),
      await thrownBy(() => lookup('example.test')),
      await thrownBy(() => dns.promises.lookup('example.test')),
    ])
    const missing = { name: 'Error', code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND example.test' }
    expect(value).toEqual([{ address: '127.0.0.1', family: 4 }, missing, missing])
  })

  it('complains of wrong arguments as the real one does', async () => {
    const thrown = await sameInBothWorlds(async () => [
      await thrownBy(() => dns.lookup('localhost', undefined as never)),
      await thrownBy(() => dns.lookup(7 as never, () => {})),
      await thrownBy(() => dns.promises.lookup(7 as never)),
    ])
    expect(thrown).not.toContain(undefined)
  })

  it('takes its time, and ends in any order with others', async () => {
    const firsts = new Set<unknown>()
    for (let seed = 0; seed < 20; seed++) {
      const race = () => Promise.race(['a', 'b'].map((name) => lookup(`${name}.localhost`).then(() => name)))
      firsts.add((await simulate(race, { seed })).value)
    }
    expect([...firsts].sort()).toEqual(['a', 'b'])
  })
})
