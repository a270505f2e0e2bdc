import crypto, { type KeyObject } from 'node:crypto'
import { active } from '../active.ts'
import { refuseCalls, refuseUse } from '../refuse.ts'

type AnyFunction = (...args: unknown[]) => unknown
type Done = (error: Error | null, key: KeyObject) => void

/**
 * Keys and signatures. Secret keys are drawn from the seed; whatever OpenSSL draws for itself is refused, for it would
 * differ in each repetition.
 */
export function patchCryptoKeys(): void {
  patchSecretKeys()
  const drawn = ['generateKeyPair', 'generateKeyPairSync', 'generatePrime', 'generatePrimeSync', 'publicEncrypt']
  refuseCalls(crypto, 'crypto', [...drawn, 'encapsulate'], 'randomKeys')
  refuseCalls(crypto.ECDH.prototype, 'ECDH', ['generateKeys'], 'randomKeys')
  for (const group of [crypto.DiffieHellman, crypto.DiffieHellmanGroup]) {
    refuseCalls(group.prototype, 'DiffieHellman', ['generateKeys'], 'randomKeys')
  }
  refuseRandomSignatures()
}

function patchSecretKeys(): void {
  const { generateKey, generateKeySync } = crypto
  crypto.generateKeySync = ((type: string, options: { length: number }) =>
    drawn(type, options) ?? generateKeySync(type as 'hmac', options)) as typeof generateKeySync
  crypto.generateKey = ((type: string, options: { length: number }, done: Done) => {
    const key = typeof done === 'function' ? drawn(type, options) : undefined
    if (key === undefined || active.current === undefined) generateKey(type as 'hmac', options, done as never)
    else active.current.pushJob('crypto', 'generateKey', () => done(null, key))
  }) as typeof generateKey
}

/** A secret key of the seed; undefined outside of schedules, and for arguments that the real function does not take. */
function drawn(type: string, options: { length?: unknown } | undefined): KeyObject | undefined {
  const length = options?.length
  if (active.current === undefined || !Number.isInteger(length)) return undefined
  const isFine = type === 'hmac' ? (length as number) >= 8 && (length as number) < 2 ** 31 : isAesLength(type, length)
  return isFine ? crypto.createSecretKey(crypto.randomBytes(Math.floor((length as number) / 8))) : undefined
}

function isAesLength(type: string, length: unknown): boolean {
  return type === 'aes' && [128, 192, 256].includes(length as number)
}

function refuseRandomSignatures(): void {
  const members = crypto as unknown as { sign: AnyFunction; Sign: { prototype: { sign: AnyFunction } } }
  const { sign } = members
  members.sign = (...args) => {
    refuseRandomKey('crypto.sign', args[2])
    return sign(...args)
  }
  const { prototype } = members.Sign
  const finish = prototype.sign
  prototype.sign = function (this: unknown, ...args) {
    refuseRandomKey('Sign.sign', args[0])
    return finish.apply(this, args)
  }
}

/** Signatures by these keys hold a number that OpenSSL draws. */
function refuseRandomKey(use: string, key: unknown): void {
  if (active.current === undefined) return
  const type = typeOf(key)
  const isPss = (key as { padding?: number } | null)?.padding === crypto.constants.RSA_PKCS1_PSS_PADDING
  if (isPss || type === 'ec' || type === 'dsa' || type === 'rsa-pss')
    refuseUse(active.current, `${use} with a key of type ${isPss ? 'rsa-pss' : type}`, 'randomKeys')
}

/** The type of a private key in any of its forms; undefined for one that is wrong, of which the real function complains. */
function typeOf(key: unknown): string | undefined {
  try {
    const inner = (key as { key?: unknown } | null)?.key
    const object =
      [key, inner].find((form) => form instanceof crypto.KeyObject) ?? crypto.createPrivateKey(key as string)
    return (object as KeyObject).asymmetricKeyType
  } catch {
    return undefined
  }
}
