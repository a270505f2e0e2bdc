import { Resolver } from 'node:dns'

/** A library that keeps the builtins that it finds when it is loaded. The test loads it before the patches are there. */
const { setTimeout: mine, setImmediate: mineToo } = globalThis

export function later(): Promise<void> {
  return new Promise((resolve) => void mine(resolve, 1))
}

export function soon(): Promise<void> {
  return new Promise((resolve) => void mineToo(resolve))
}

const { resolve4 } = Resolver.prototype

/** Asks a name server that is not there. */
export function query(): Promise<unknown> {
  const resolver = new Resolver({ timeout: 50, tries: 1 })
  resolver.setServers(['127.0.0.1:9'])
  return new Promise((resolve) => resolve4.call(resolver, 'example.test', { ttl: false }, resolve))
}
