import '../../../../harness/register.ts'
import cluster from 'node:cluster'
import dgram from 'node:dgram'
import dns from 'node:dns'
import { readFileSync } from 'node:fs'
import http2 from 'node:http2'
import https from 'node:https'
import inspector from 'node:inspector'
import net from 'node:net'
import { join } from 'node:path'
import { PerformanceObserver } from 'node:perf_hooks'
import tls from 'node:tls'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../../../harness/entry.ts'
import { type Refused, type RefusedKey, refused } from '../../../../harness/sim/refused.ts'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { thrownBy } from '../both-worlds.ts'

const uses: [use: string, key: RefusedKey, call: () => unknown][] = [
  ['tls.connect', 'tls', () => tls.connect(443, 'localhost')],
  ['tls.createServer', 'tls', () => tls.createServer()],
  ['tls.TLSSocket', 'tls', () => new tls.TLSSocket(new net.Socket())],
  ['https.get', 'tls', () => https.get('https://localhost')],
  ['https.request', 'tls', () => https.request('https://localhost')],
  ['https.createServer', 'tls', () => https.createServer()],
  ['http2.connect', 'http2', () => http2.connect('http://localhost')],
  ['http2.createServer', 'http2', () => http2.createServer()],
  ['http2.createSecureServer', 'http2', () => http2.createSecureServer()],
  ['dgram.createSocket', 'dgram', () => dgram.createSocket('udp4')],
  ['dns.resolve', 'dnsResolve', () => dns.resolve('example.test', () => {})],
  ['dns.resolve4', 'dnsResolve', () => dns.resolve4('example.test', () => {})],
  ['dns.reverse', 'dnsResolve', () => dns.reverse('127.0.0.1', () => {})],
  ['dns.lookupService', 'dnsResolve', () => dns.lookupService('127.0.0.1', 80, () => {})],
  ['dns.promises.resolveMx', 'dnsResolve', () => dns.promises.resolveMx('example.test')],
  ['dns.Resolver.resolve6', 'dnsResolve', () => new dns.Resolver().resolve6('example.test', () => {})],
  ['dns.Resolver.resolve', 'dnsResolve', () => new dns.promises.Resolver().resolve('example.test')],
  ['cluster.fork', 'cluster', () => cluster.fork()],
  ['inspector.open', 'inspector', () => inspector.open(0)],
  ['process.chdir', 'processWide', () => process.chdir('/')],
  ['process.setuid', 'processWide', () => process.setuid?.(0)],
  ['listening on a file descriptor', 'fileDescriptors', () => net.createServer().listen({ fd: 99 })],
  [
    'PerformanceObserver.observe',
    'performanceObserver',
    () => new PerformanceObserver(() => {}).observe({ type: 'mark' }),
  ],
  [
    'WebAssembly.compileStreaming',
    'webAssemblyStreaming',
    () =>
      (
        globalThis as unknown as { WebAssembly: { compileStreaming(from: unknown): unknown } }
      ).WebAssembly.compileStreaming(new Response('')),
  ],
]

describe('inside a schedule', () => {
  it.each(uses)('%s is refused by its name, with the reason and what to do', async (use, key, call) => {
    const { value, findings } = await simulate(() => thrownBy(call))
    const { reason, instead } = refused[key]
    const message = `${use} cannot be simulated: ${reason}; ${instead}`
    expect(value).toEqual({ name: 'HarnessError', code: 'ERR_WORLD_UNSUPPORTED', message })
    expect(findings).toMatchObject([{ kind: 'refused', message }])
  })

  it('a refusal is a finding even where its error is swallowed, as by fetch', async () => {
    const { value, findings } = await simulate(() => fetch('https://localhost').catch((error) => error.name))
    expect(value).toBe('TypeError')
    expect(findings).toMatchObject([{ kind: 'refused', message: expect.stringMatching(/^tls.connect cannot/) }])
  })
})

describe('outside of schedules', () => {
  it('what is refused inside is the real thing', async () => {
    const socket = dgram.createSocket('udp4')
    expect(socket).toBeInstanceOf(dgram.Socket)
    socket.close()
    expect(tls.createServer()).toBeInstanceOf(tls.Server)
    expect(http2.createServer().listening).toBe(false)
    expect(await thrownBy(() => dns.promises.resolve4(''))).toBeDefined()
  })
})

describe('the README of the simulated world', () => {
  const readme = readFileSync(join(packageRoot, 'harness/sim/README.md'), 'utf8')

  it('has the table of what cannot be simulated, row by row', () => {
    const table = readme.split('## What cannot be simulated')[1]?.split('\n## ')[0]
    const rows = table?.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| what'))
    const expected = Object.values<Refused>(refused).map(
      ({ name, reason, instead }) => `| ${name} | ${reason} | ${instead} |`,
    )
    expect(rows).toEqual(expected)
  })
})
