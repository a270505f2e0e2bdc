import crypto from 'node:crypto'
import { active } from '../active.ts'

type AnyFunction = (...args: unknown[]) => unknown
type Done = (error: unknown, ...results: unknown[]) => void

/** The functions of `node:crypto` that end on another thread, and those that do the same at once. */
const twins = [
  ['pbkdf2', 'pbkdf2Sync'],
  ['scrypt', 'scryptSync'],
  ['hkdf', 'hkdfSync'],
  ['argon2', 'argon2Sync'],
  ['checkPrime', 'checkPrimeSync'],
  // These do the same at once when they are given no callback.
  ['sign', 'sign'],
  ['verify', 'verify'],
  ['diffieHellman', 'diffieHellman'],
] as const

/**
 * The asynchronous functions of `node:crypto`: inside a schedule the synchronous twin does the work at the call, and a job
 * tells the callback. Without a callback the real function complains, or is synchronous by itself.
 */
export function patchCryptoJobs(): void {
  const members = crypto as unknown as Record<string, AnyFunction | undefined>
  for (const [name, twinName] of twins) {
    const [real, twin] = [members[name], members[twinName]]
    if (real !== undefined && twin !== undefined) members[name] = withJob(name, real, twin)
  }
}

function withJob(name: string, real: AnyFunction, twin: AnyFunction): AnyFunction {
  const replacement = (...args: unknown[]) => {
    const { current } = active
    const done = args.at(-1)
    if (current === undefined || typeof done !== 'function') return real(...args)
    const outcome = outcomeOf(() => twin(...args.slice(0, -1)))
    current.pushJob('crypto', name, () => (done as Done)(...outcome))
    return undefined
  }
  return Object.defineProperty(replacement, 'name', { value: name })
}

/** What the callback gets. Wrong arguments throw at the call, in both forms of these functions. */
function outcomeOf(work: () => unknown): [error: unknown, result?: unknown] {
  try {
    return [null, work()]
  } catch (thrown) {
    if (isArgumentError(thrown)) throw thrown
    return [thrown]
  }
}

function isArgumentError(thrown: unknown): boolean {
  const { code } = thrown as { code?: unknown }
  return typeof code === 'string' && /^ERR_(INVALID_ARG|OUT_OF_RANGE|CRYPTO_INVALID|CRYPTO_SCRYPT)/.test(code)
}
