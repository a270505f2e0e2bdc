import '../../../../harness/register.ts'
import crypto from 'node:crypto'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { sameInBothWorlds, thrownBy } from '../both-worlds.ts'

const ec = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 })
const data = Buffer.from('what is signed')

describe('secret keys', () => {
  it('are of the kind and length that was asked for', async () => {
    const kinds = await sameInBothWorlds(async () => {
      const keys = [
        crypto.generateKeySync('hmac', { length: 100 }),
        crypto.generateKeySync('aes', { length: 192 }),
        await promisify(crypto.generateKey)('aes', { length: 256 }),
      ]
      return keys.map(({ type, symmetricKeySize }) => [type, symmetricKeySize])
    })
    expect(kinds).toEqual([
      ['secret', 12],
      ['secret', 24],
      ['secret', 32],
    ])
  })

  it('are those of the seed', async () => {
    const key = () => crypto.generateKeySync('aes', { length: 128 }).export().toString('hex')
    const [one, again, other] = [
      (await simulate(key, { seed: 1 })).value,
      (await simulate(key, { seed: 1 })).value,
      (await simulate(key, { seed: 2 })).value,
    ]
    expect(one).toBe(again)
    expect(one).not.toBe(other)
  })

  it('meet the errors of the real functions', async () => {
    const thrown = await sameInBothWorlds(async () => [
      await thrownBy(() => crypto.generateKeySync('aes', { length: 7 as never })),
      await thrownBy(() => crypto.generateKeySync('hmac', { length: 2 })),
      await thrownBy(() => crypto.generateKeySync('none' as 'aes', { length: 128 })),
    ])
    expect(thrown).not.toContain(undefined)
  })
})

describe('what OpenSSL draws for itself', () => {
  it.each<[string, () => unknown]>([
    ['crypto.generateKeyPairSync', () => crypto.generateKeyPairSync('ed25519')],
    ['crypto.generateKeyPair', () => crypto.generateKeyPair('ed25519', {}, () => {})],
    ['crypto.generatePrime', () => crypto.generatePrime(32, () => {})],
    ['crypto.publicEncrypt', () => crypto.publicEncrypt(rsa.publicKey, data)],
    ['ECDH.generateKeys', () => crypto.createECDH('secp256k1').generateKeys()],
    ['DiffieHellman.generateKeys', () => crypto.getDiffieHellman('modp14').generateKeys()],
    ['crypto.sign', () => crypto.sign('sha256', data, ec.privateKey)],
    ['crypto.sign', () => crypto.sign('sha256', data, ec.privateKey.export({ format: 'pem', type: 'pkcs8' }))],
    ['Sign.sign', () => crypto.createSign('sha256').update(data).sign({ key: ec.privateKey })],
    [
      'crypto.sign',
      () => crypto.sign('sha256', data, { key: rsa.privateKey, padding: crypto.constants.RSA_PKCS1_PSS_PADDING }),
    ],
  ])('%s is refused by name', async (use, call) => {
    const { value, findings } = await simulate(() => thrownBy(call))
    expect(value).toMatchObject({ code: 'ERR_WORLD_UNSUPPORTED' })
    expect(value?.message).toMatch(new RegExp(`^${use}.* cannot be simulated: .*; make keys before the schedule`))
    expect(findings).toMatchObject([{ kind: 'refused', message: value?.message }])
  })

  it('leaves signatures that are the same each time', async () => {
    await sameInBothWorlds(() => [
      crypto.sign('sha256', data, rsa.privateKey),
      crypto.createSign('sha256').update(data).sign(rsa.privateKey, 'hex'),
    ])
  })

  it('is real outside of schedules', () => {
    const signature = crypto.sign('sha256', data, ec.privateKey)
    expect(crypto.verify('sha256', data, ec.publicKey, signature)).toBe(true)
  })
})
