import crypto from 'node:crypto'
import { active } from '../active.ts'
import { keyedHash } from '../core/keyed-hash.ts'
import type { Simulation } from '../core/simulation.ts'

/** A buffer that is filled at once with this many bytes is somebody's pool, and outlives the schedule. */
const poolBytes = 1024

type Done<T> = (error: Error | null, value: T) => void

/**
 * What `node:crypto` and Web Crypto draw at random: `randomBytes`, `randomFillSync`, `randomFill`, `randomInt`,
 * `randomUUID`, `getRandomValues`. Arguments of a wrong type go to the real functions, whose errors are the right ones.
 */
export function patchCryptoRandom(): void {
  patchBytes()
  patchFill()
  patchIntegers()
  patchUuid()
  patchWebCrypto()
}

function patchBytes(): void {
  const { randomBytes } = crypto
  const replacement = (size: number, done?: Done<Buffer>) => {
    const { current } = active
    if (current === undefined || !isSize(size)) return done ? randomBytes(size, done) : randomBytes(size)
    const bytes = fill(current, Buffer.alloc(size))
    if (done === undefined) return bytes
    current.pushJob('crypto', 'randomBytes', () => done(null, bytes))
    return undefined
  }
  crypto.randomBytes = replacement as typeof crypto.randomBytes
  Object.assign(crypto, { pseudoRandomBytes: replacement, prng: replacement, rng: replacement })
}

function patchFill(): void {
  const { randomFillSync, randomFill } = crypto
  const pools = new PoolRegister()
  active.atStart.add((simulation) => pools.refill(simulation))
  crypto.randomFillSync = ((buffer: NodeJS.ArrayBufferView, offset?: number, size?: number) => {
    const { current } = active
    const isPool = buffer?.byteLength >= poolBytes && !offset && (size ?? buffer.byteLength) === buffer.byteLength
    if (isPool) pools.add(buffer, current)
    if (current === undefined) return randomFillSync(buffer, offset as never, size as never)
    if (!isPool) fill(current, part(buffer, offset, size))
    return buffer
  }) as typeof crypto.randomFillSync
  crypto.randomFill = ((buffer: NodeJS.ArrayBufferView, ...rest: unknown[]) => {
    const { current } = active
    if (current === undefined) return randomFill(buffer, ...(rest as [never]))
    const done = rest.pop() as Done<NodeJS.ArrayBufferView>
    fill(current, part(buffer, ...(rest as [number?, number?])))
    current.pushJob('crypto', 'randomFill', () => done(null, buffer))
  }) as typeof crypto.randomFill
}

function patchIntegers(): void {
  const { randomInt } = crypto
  crypto.randomInt = ((...args: unknown[]) => {
    const { current } = active
    const done = typeof args.at(-1) === 'function' ? (args.pop() as Done<number>) : undefined
    const [low, high] = (args.length === 1 ? [0, args[0]] : args) as [number, number]
    if (current === undefined || !(Number.isSafeInteger(low) && Number.isSafeInteger(high) && low < high)) {
      return randomInt(...([...args, ...(done ? [done] : [])] as [number]))
    }
    const value = low + Math.floor(current.random.real() * (high - low))
    if (done === undefined) return value
    current.pushJob('crypto', 'randomInt', () => done(null, value))
    return undefined
  }) as typeof crypto.randomInt
}

function patchUuid(): void {
  const { randomUUID } = crypto
  crypto.randomUUID = (options) => (active.current === undefined ? randomUUID(options) : uuid(active.current))
}

function patchWebCrypto(): void {
  const prototype = Object.getPrototypeOf(crypto.webcrypto) as typeof crypto.webcrypto
  const { getRandomValues, randomUUID } = prototype
  Object.assign(prototype, {
    getRandomValues(this: object, array: Uint8Array) {
      if (active.current === undefined || !ArrayBuffer.isView(array))
        return getRandomValues.call(this as never, array as never)
      fill(active.current, part(array))
      return array
    },
    randomUUID(this: object) {
      return active.current === undefined ? randomUUID.call(this as never) : uuid(active.current)
    },
  })
}

/**
 * Libraries draw a large pool once and take from it for ever (the masks of `ws` come from one), so the place in the pool
 * survives the schedule. Each schedule therefore refills the pools that are known, with four bytes of its seed over and
 * over: whatever takes four bytes at a time gets the same ones from any place.
 */
class PoolRegister {
  readonly #pools = new Set<WeakRef<NodeJS.ArrayBufferView>>()

  add(pool: NodeJS.ArrayBufferView, simulation: Simulation | undefined): void {
    if (![...this.#pools].some((known) => known.deref() === pool)) this.#pools.add(new WeakRef(pool))
    if (simulation !== undefined) repeatFour(pool, simulation)
  }

  refill(simulation: Simulation): void {
    for (const known of this.#pools) {
      const pool = known.deref()
      if (pool === undefined) this.#pools.delete(known)
      else repeatFour(pool, simulation)
    }
  }
}

function repeatFour(pool: NodeJS.ArrayBufferView, { seed }: Simulation): void {
  const word = Buffer.alloc(4)
  word.writeUInt32LE(keyedHash(seed, 'pool', 0))
  Buffer.from(pool.buffer, pool.byteOffset, pool.byteLength).fill(word)
}

function fill<T extends Uint8Array>(simulation: Simulation, bytes: T): T {
  for (let place = 0; place < bytes.length; place += 4) {
    const bits = simulation.random.bits()
    for (let byte = 0; byte < 4 && place + byte < bytes.length; byte++) bytes[place + byte] = bits >>> (byte * 8)
  }
  return bytes
}

/** The bytes of any view or array buffer, from `offset` in its own elements, as `randomFill` counts. */
function part(buffer: NodeJS.ArrayBufferView | ArrayBuffer, offset = 0, size?: number): Uint8Array {
  const unit = (buffer as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1
  const length = size === undefined ? buffer.byteLength - offset * unit : size * unit
  if (!ArrayBuffer.isView(buffer)) return new Uint8Array(buffer, offset, length)
  return new Uint8Array(buffer.buffer, buffer.byteOffset + offset * unit, length)
}

function uuid(simulation: Simulation): `${string}-${string}-${string}-${string}-${string}` {
  const bytes = fill(simulation, Buffer.alloc(16))
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function isSize(size: unknown): size is number {
  return Number.isInteger(size) && (size as number) >= 0 && (size as number) <= 2 ** 31 - 1
}
