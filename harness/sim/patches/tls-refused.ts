import https from 'node:https'
import tls from 'node:tls'
import { refuseCalls } from '../refuse.ts'

/** `node:tls` and `node:https` cannot be simulated. */
export function refuseTls(): void {
  refuseCalls(tls, 'tls', ['connect', 'createServer', 'Server', 'TLSSocket'], 'tls')
  refuseCalls(https, 'https', ['request', 'get', 'createServer', 'Server'], 'tls')
}
