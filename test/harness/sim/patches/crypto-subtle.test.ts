import '../../../../harness/register.ts'
import nodeCrypto, { type webcrypto } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { sameInBothWorlds, thrownBy } from '../both-worlds.ts'

const { subtle } = globalThis.crypto
const data = new TextEncoder().encode('some bytes to work on')
const iv = new Uint8Array(12).fill(7)
const counter = new Uint8Array(16).fill(3)
const raw = new Uint8Array(32).fill(9)

const hex = (bytes: ArrayBuffer) => Buffer.from(bytes).toString('hex')
const aesKey = (name: string) => subtle.importKey('raw', raw, name, true, ['encrypt', 'decrypt'])
const hmacKey = () => subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify'])
const secret = (name: string) => subtle.importKey('raw', raw, name, false, ['deriveBits', 'deriveKey'])

function pair(
  type: 'ed25519' | 'rsa' | 'ec',
  algorithm: webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | { name: string },
) {
  const options = { modulusLength: 1024, namedCurve: 'P-256' }
  const { privateKey, publicKey } = nodeCrypto.generateKeyPairSync(type as 'rsa', options)
  const secretBytes = privateKey.export({ format: 'der', type: 'pkcs8' })
  const publicBytes = publicKey.export({ format: 'der', type: 'spki' })
  return async () => ({
    privateKey: await subtle.importKey('pkcs8', secretBytes, algorithm, true, ['sign']),
    publicKey: await subtle.importKey('spki', publicBytes, algorithm, true, ['verify']),
  })
}

describe.each([
  ['AES-GCM', { name: 'AES-GCM', iv }],
  ['AES-GCM with data beside', { name: 'aes-gcm', iv, additionalData: data, tagLength: 96 }],
  ['AES-CBC', { name: 'AES-CBC', iv: counter }],
  ['AES-CTR', { name: 'AES-CTR', counter, length: 64 }],
])('%s', (_name, algorithm) => {
  it('encrypts to the same bytes as the real one, and back', async () => {
    const text = await sameInBothWorlds(async () => {
      const key = await aesKey(algorithm.name.toUpperCase())
      const sealed = await subtle.encrypt(algorithm, key, data)
      return [hex(sealed), new TextDecoder().decode(await subtle.decrypt(algorithm, key, sealed))]
    })
    expect(text[1]).toBe('some bytes to work on')
  })
})

describe('crypto.subtle', () => {
  it('digests', async () => {
    const digests = await sameInBothWorlds(() =>
      Promise.all(['SHA-1', 'sha-256', { name: 'SHA-512' }].map(async (name) => hex(await subtle.digest(name, data)))),
    )
    expect(digests[1]).toBe(nodeCrypto.createHash('sha256').update(data).digest('hex'))
  })

  it('reads its data at the call, so that they may change afterwards', async () => {
    await sameInBothWorlds(async () => {
      const bytes = new Uint8Array(data)
      const digest = subtle.digest('SHA-256', bytes)
      bytes.fill(0)
      return hex(await digest)
    })
  })

  it('signs and verifies by HMAC, Ed25519 and RSA', async () => {
    const ed25519 = pair('ed25519', { name: 'Ed25519' })
    const rsa = pair('rsa', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' })
    const answers = await sameInBothWorlds(async () => {
      const key = await hmacKey()
      const keys = [{ privateKey: key, publicKey: key }, await ed25519(), await rsa()]
      const answers: unknown[] = []
      for (const { privateKey, publicKey } of keys) {
        const { name } = privateKey.algorithm
        const signature = await subtle.sign(name, privateKey, data)
        answers.push(hex(signature), await subtle.verify(name, publicKey, signature, data))
        answers.push(await subtle.verify(name, publicKey, signature, iv))
      }
      return answers
    })
    expect(answers.filter((answer) => typeof answer === 'boolean')).toEqual([true, false, true, false, true, false])
  })

  it('verifies what it does not sign', async () => {
    const keys = await pair('ec', { name: 'ECDSA', namedCurve: 'P-256' })()
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
    const signature = await subtle.sign(algorithm, keys.privateKey, data)
    const answers = await sameInBothWorlds(() =>
      Promise.all([data, iv].map((signed) => subtle.verify(algorithm, keys.publicKey, signature, signed))),
    )
    expect(answers).toEqual([true, false])
  })

  it('derives bits and keys', async () => {
    await sameInBothWorlds(async () => {
      const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: iv, info: data }
      const pbkdf2 = { name: 'PBKDF2', hash: 'SHA-512', salt: iv, iterations: 10 }
      const key = await subtle.deriveKey(pbkdf2, await secret('PBKDF2'), { name: 'AES-GCM', length: 256 }, true, [
        'encrypt',
      ])
      return [hex(await subtle.deriveBits(hkdf, await secret('HKDF'), 128)), hex(await subtle.exportKey('raw', key))]
    })
  })

  it('makes secret keys of the seed, and exports them in every form', async () => {
    const make = async () => {
      const aes = await subtle.generateKey({ name: 'AES-CBC', length: 128 }, true, ['encrypt'])
      const hmac = await subtle.generateKey({ name: 'HMAC', hash: 'SHA-384' }, true, ['sign'])
      const { k } = await subtle.exportKey('jwk', aes)
      return { aes: hex(await subtle.exportKey('raw', aes)), hmac: hex(await subtle.exportKey('raw', hmac)), k }
    }
    const { value } = await simulate(make, { seed: 5 })
    expect((await simulate(make, { seed: 5 })).value).toEqual(value)
    expect([value?.aes.length, value?.hmac.length]).toEqual([32, 256])
    expect(Buffer.from(value?.k as string, 'base64url').toString('hex')).toBe(value?.aes)
  })

  it('exports public and private keys', async () => {
    const keys = await pair('rsa', { name: 'RSA-PSS', hash: 'SHA-256' })()
    await sameInBothWorlds(async () => [
      hex(await subtle.exportKey('spki', keys.publicKey)),
      hex(await subtle.exportKey('pkcs8', keys.privateKey)),
      await subtle.exportKey('jwk', keys.publicKey),
    ])
  })

  it('rejects as the real one does', async () => {
    const thrown = await sameInBothWorlds(async () => {
      const key = await aesKey('AES-GCM')
      const algorithm = { name: 'AES-GCM', iv }
      return [
        await nameOf(() => subtle.digest('MD5', data)),
        await nameOf(() => subtle.encrypt({ name: 'AES-CBC', iv: counter }, key, data)),
        await nameOf(() => subtle.sign('HMAC', key, data)),
        await nameOf(() => subtle.decrypt(algorithm, key, new Uint8Array(40))),
        await nameOf(() => subtle.decrypt(algorithm, key, new Uint8Array(3))),
      ]
    })
    expect(thrown).toEqual([
      'NotSupportedError',
      'InvalidAccessError',
      'InvalidAccessError',
      'OperationError',
      'OperationError',
    ])
  })

  it.each<[string, () => Promise<unknown>]>([
    ['subtle.generateKey with Ed25519', () => subtle.generateKey('Ed25519', true, ['sign'])],
    [
      'subtle.wrapKey with raw',
      async () => subtle.wrapKey('raw', await hmacKey(), await aesKey('AES-GCM'), { name: 'AES-GCM', iv }),
    ],
  ])('refuses %s by name', async (use, call) => {
    const { value, findings } = await simulate(() => thrownBy(call))
    expect(value).toMatchObject({ code: 'ERR_WORLD_UNSUPPORTED' })
    expect(value?.message).toContain(`${use} cannot be simulated: `)
    expect(findings).toMatchObject([{ kind: 'refused' }])
  })
})

async function nameOf(call: () => Promise<unknown>): Promise<string | undefined> {
  return (await thrownBy(call))?.name
}
