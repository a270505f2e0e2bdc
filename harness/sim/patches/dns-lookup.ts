import dns from 'node:dns'
import { isIP } from 'node:net'
import { active } from '../active.ts'
import type { Simulation } from '../core/simulation.ts'
import { uvCode } from '../net/uv-codes.ts'

interface LookupOptions {
  all?: boolean
  family?: number | string
}

const loopback = { address: '127.0.0.1', family: 4 }

/**
 * `dns.lookup` and `dns.promises.lookup`. The simulated world is one machine: `localhost` and names below it are the
 * loopback address, nothing else exists. Addresses, empty names and wrong arguments need no lookup; the real functions
 * answer those in a tick.
 */
export function patchDnsLookup(): void {
  const { lookup } = dns
  const promised = dns.promises.lookup
  const replacement = ((name: string, ...rest: unknown[]) => {
    const { current } = active
    const done = rest.at(-1)
    if (current === undefined || !needsLookup(name) || typeof done !== 'function')
      return lookup(name, ...(rest as [never]))
    current.pushJob('dns', `lookup ${name}`, () =>
      answer(name, optionsOf(rest[0]), done as (...args: unknown[]) => void),
    )
    return {}
  }) as typeof dns.lookup
  // What `promisify` asks for lies in properties of the real function.
  dns.lookup = Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(lookup))
  dns.promises.lookup = ((name: string, options?: LookupOptions | number) => {
    const { current } = active
    if (current === undefined || !needsLookup(name)) return promised(name, options as never)
    return lookupPromise(current, name, optionsOf(options))
  }) as typeof dns.promises.lookup
}

function lookupPromise(simulation: Simulation, name: string, options: LookupOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    simulation.pushJob('dns', `lookup ${name}`, () =>
      answer(name, options, (error, address, family) => {
        if (error) reject(error)
        else resolve(options.all ? address : { address, family })
      }),
    )
  })
}

function answer(name: string, { all, family }: LookupOptions, done: (...args: unknown[]) => void): void {
  const exists = /(^|\.)localhost$/i.test(name) && family !== 6 && family !== 'IPv6'
  if (!exists) done(notFound(name))
  else if (all) done(null, [{ ...loopback }])
  else done(null, loopback.address, loopback.family)
}

function needsLookup(name: unknown): boolean {
  return typeof name === 'string' && name !== '' && isIP(name) === 0
}

function optionsOf(options: unknown): LookupOptions {
  if (typeof options === 'number') return { family: options }
  return typeof options === 'object' && options !== null ? options : {}
}

/** The error of Node's resolver, whose class is not public. */
function notFound(name: string): Error {
  const error = new Error(`getaddrinfo ENOTFOUND ${name}`)
  return Object.assign(error, {
    errno: uvCode('EAI_NONAME'),
    code: 'ENOTFOUND',
    syscall: 'getaddrinfo',
    hostname: name,
  })
}
