import crypto, { type KeyObject, type webcrypto } from 'node:crypto'
import { types } from 'node:util'

export type SubtleArguments = readonly unknown[]

/**
 * What does an operation's work: a function; `real` when Node's own must judge the arguments, which rejects without
 * another thread; `none` when there is no synchronous twin.
 */
export type Twin = (() => unknown) | 'real' | 'none'

interface Algorithm {
  name: string
  hash?: string | { name: string }
  iv?: BufferSource
  counter?: BufferSource
  additionalData?: BufferSource
  tagLength?: number
  length?: number
  salt?: BufferSource
  info?: BufferSource
  iterations?: number
  saltLength?: number
}

type BufferSource = ArrayBufferView | ArrayBuffer
type CryptoKey = webcrypto.CryptoKey

const digests: Record<string, string> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
}

/** The bits of a generated HMAC key that is given no length: the block of its digest. */
const blockBits: Record<string, number> = { sha1: 512, sha256: 512, sha384: 1024, sha512: 1024 }

/** The twin of one call. */
export function twinOf(operation: string, args: SubtleArguments): Twin {
  return twins[operation]?.(args) ?? 'none'
}

const twins: Record<string, (args: SubtleArguments) => Twin> = {
  digest: ([algorithm, data]) => {
    const digest = digests[nameOf(algorithm).toUpperCase()]
    if (digest === undefined || !isBytes(data)) return 'real'
    const bytes = copyOf(data)
    return () => arrayBuffer(crypto.createHash(digest).update(bytes).digest())
  },
  sign: ([algorithm, key, data]) => {
    if (!fits(key, algorithm, 'sign') || !isBytes(data)) return 'real'
    return signature(key, copyOf(data))
  },
  verify: ([algorithm, key, given, data]) => {
    if (!fits(key, algorithm, 'verify') || !isBytes(given) || !isBytes(data)) return 'real'
    return verification(key, algorithmOf(algorithm), copyOf(given), copyOf(data))
  },
  encrypt: ([algorithm, key, data]) => {
    if (!fits(key, algorithm, 'encrypt') || !isBytes(data)) return 'real'
    return isAes(key) ? encryption(key, algorithmOf(algorithm), copyOf(data)) : 'none'
  },
  decrypt: ([algorithm, key, data]) => {
    if (!fits(key, algorithm, 'decrypt') || !isBytes(data)) return 'real'
    return isAes(key) ? decryption(key, algorithmOf(algorithm), copyOf(data)) : 'none'
  },
  deriveBits: ([algorithm, key, length]) => {
    if (!fits(key, algorithm, 'deriveBits') || !Number.isInteger(length) || (length as number) % 8 !== 0) return 'real'
    return derivation(key, algorithmOf(algorithm), (length as number) / 8)
  },
  deriveKey: ([algorithm, key, wanted, extractable, usages]) => {
    if (!fits(key, algorithm, 'deriveKey')) return 'real'
    const bits = keyBits(algorithmOf(wanted))
    const derive = bits === undefined ? 'none' : derivation(key, algorithmOf(algorithm), bits / 8)
    return typeof derive === 'string' ? derive : () => imported(derive() as ArrayBuffer, wanted, extractable, usages)
  },
  generateKey: ([algorithm, extractable, usages]) => {
    const bits = keyBits(algorithmOf(algorithm))
    return bits === undefined ? 'none' : () => imported(crypto.randomBytes(bits / 8), algorithm, extractable, usages)
  },
  exportKey: ([format, key]) => {
    if (!types.isCryptoKey(key) || !key.extractable || format === 'jwk' || key.type === 'secret') return 'real'
    const wanted = key.type === 'public' ? 'spki' : 'pkcs8'
    if (format !== wanted) return 'none'
    return () => arrayBuffer(objectOf(key).export({ format: 'der', type: wanted } as never) as unknown as Buffer)
  },
}

function signature(key: CryptoKey, data: Buffer): Twin {
  const object = objectOf(key)
  switch (key.algorithm.name) {
    case 'HMAC':
      return () => arrayBuffer(crypto.createHmac(hashOf(key), object).update(data).digest())
    case 'RSASSA-PKCS1-v1_5':
      return () => arrayBuffer(crypto.sign(hashOf(key), data, object))
    case 'Ed25519':
    case 'Ed448':
      return () => arrayBuffer(crypto.sign(null, data, object))
    default:
      return 'none'
  }
}

function verification(key: CryptoKey, { hash, saltLength }: Algorithm, given: Buffer, data: Buffer): Twin {
  const object = objectOf(key)
  switch (key.algorithm.name) {
    case 'HMAC':
      return () => isSame(crypto.createHmac(hashOf(key), object).update(data).digest(), given)
    case 'RSASSA-PKCS1-v1_5':
      return () => crypto.verify(hashOf(key), data, object, given)
    case 'RSA-PSS':
      return () =>
        crypto.verify(
          hashOf(key),
          data,
          { key: object, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength },
          given,
        )
    case 'ECDSA':
      return () => crypto.verify(digestNamed(hash), data, { key: object, dsaEncoding: 'ieee-p1363' }, given)
    case 'Ed25519':
    case 'Ed448':
      return () => crypto.verify(null, data, object, given)
    default:
      return 'none'
  }
}

function encryption(key: CryptoKey, algorithm: Algorithm, data: Buffer): Twin {
  return () => {
    const cipher = crypto.createCipheriv(cipherOf(key), objectOf(key), nonceOf(algorithm), gcmOptions(algorithm))
    if (algorithm.additionalData) (cipher as crypto.CipherGCM).setAAD(copyOf(algorithm.additionalData))
    const parts = [cipher.update(data), cipher.final()]
    if (isGcm(key)) parts.push((cipher as crypto.CipherGCM).getAuthTag())
    return arrayBuffer(Buffer.concat(parts))
  }
}

function decryption(key: CryptoKey, algorithm: Algorithm, data: Buffer): Twin {
  return () => {
    const decipher = crypto.createDecipheriv(cipherOf(key), objectOf(key), nonceOf(algorithm), gcmOptions(algorithm))
    if (algorithm.additionalData) (decipher as crypto.DecipherGCM).setAAD(copyOf(algorithm.additionalData))
    const end = isGcm(key) ? data.length - (algorithm.tagLength ?? 128) / 8 : data.length
    if (isGcm(key)) (decipher as crypto.DecipherGCM).setAuthTag(data.subarray(end))
    return arrayBuffer(Buffer.concat([decipher.update(data.subarray(0, end)), decipher.final()]))
  }
}

function derivation(key: CryptoKey, { name, hash, salt, info, iterations }: Algorithm, bytes: number): Twin {
  const secret = objectOf(key)
  if (salt === undefined || !isBytes(salt)) return 'none'
  if (name === 'HKDF' && info !== undefined)
    return () => crypto.hkdfSync(digestNamed(hash), secret, copyOf(salt), copyOf(info), bytes)
  if (name === 'PBKDF2' && iterations !== undefined)
    return () => arrayBuffer(crypto.pbkdf2Sync(secret.export(), copyOf(salt), iterations, bytes, digestNamed(hash)))
  return 'none'
}

/** How long a secret key of that algorithm is; undefined for other algorithms and for lengths that they do not have. */
function keyBits({ name, hash, length }: Algorithm): number | undefined {
  if (name === 'HMAC') {
    const bits = length ?? blockBits[digestNamed(hash)]
    return bits !== undefined && bits > 0 && bits % 8 === 0 ? bits : undefined
  }
  return name.startsWith('AES-') && [128, 192, 256].includes(length ?? 0) ? length : undefined
}

function imported(bytes: ArrayBuffer | Buffer, algorithm: unknown, extractable: unknown, usages: unknown) {
  return crypto.webcrypto.subtle.importKey(
    'raw',
    bytes,
    algorithm as 'HMAC',
    extractable as boolean,
    usages as 'sign'[],
  )
}

function fits(key: unknown, algorithm: unknown, usage: webcrypto.KeyUsage): key is CryptoKey {
  if (!types.isCryptoKey(key)) return false
  return key.algorithm.name.toUpperCase() === nameOf(algorithm).toUpperCase() && key.usages.includes(usage)
}

function objectOf(key: CryptoKey): KeyObject {
  return crypto.KeyObject.from(key)
}

function algorithmOf(algorithm: unknown): Algorithm {
  const name = nameOf(algorithm)
  return typeof algorithm === 'string' ? { name } : { ...(algorithm as Algorithm), name: name.toUpperCase() }
}

function nameOf(algorithm: unknown): string {
  if (typeof algorithm === 'string') return algorithm
  const { name } = (algorithm ?? {}) as { name?: unknown }
  return typeof name === 'string' ? name : ''
}

function hashOf(key: CryptoKey): string {
  return digestNamed((key.algorithm as unknown as Algorithm).hash)
}

function digestNamed(hash: Algorithm['hash']): string {
  return digests[nameOf(hash).toUpperCase()] ?? nameOf(hash)
}

function isAes(key: CryptoKey): boolean {
  return ['AES-CBC', 'AES-CTR', 'AES-GCM'].includes(key.algorithm.name)
}

function isGcm(key: CryptoKey): boolean {
  return key.algorithm.name === 'AES-GCM'
}

function cipherOf({ algorithm }: CryptoKey): 'aes-256-gcm' {
  const { name, length } = algorithm as unknown as Algorithm
  return `aes-${length}-${name.slice(4).toLowerCase()}` as 'aes-256-gcm'
}

function nonceOf({ iv, counter }: Algorithm): Buffer {
  return copyOf((iv ?? counter) as BufferSource)
}

function gcmOptions({ name, tagLength }: Algorithm): { authTagLength: number } | undefined {
  return name === 'AES-GCM' ? { authTagLength: (tagLength ?? 128) / 8 } : undefined
}

function isBytes(data: unknown): data is BufferSource {
  return ArrayBuffer.isView(data) || data instanceof ArrayBuffer
}

/** Web Crypto reads its arguments when it is called; the caller may use them again at once. */
function copyOf(data: BufferSource): Buffer {
  return ArrayBuffer.isView(data)
    ? Buffer.from(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
    : Buffer.from(Buffer.from(data))
}

function arrayBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}

function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && crypto.timingSafeEqual(one, other)
}
