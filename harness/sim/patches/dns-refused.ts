import dns from 'node:dns'
import { refuseCalls } from '../refuse.ts'

/** What asks a name server: `dns.resolve` and its kin, in their three forms. Only `lookup` is simulated. */
export function refuseDnsQueries(): void {
  refuseCalls(dns, 'dns', queriesOf(dns), 'dnsResolve')
  refuseCalls(dns.promises, 'dns.promises', queriesOf(dns.promises), 'dnsResolve')
  for (const { prototype } of [dns.Resolver, dns.promises.Resolver]) {
    refuseCalls(prototype, 'dns.Resolver', queriesOf(prototype), 'dnsResolve')
  }
}

function queriesOf(owner: object): string[] {
  const names = new Set<string>()
  for (let level = owner; level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const name of Object.getOwnPropertyNames(level)) names.add(name)
  }
  return [...names].filter((name) => /^(resolve|reverse$|lookupService$)/.test(name))
}
