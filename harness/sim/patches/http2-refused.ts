import http2 from 'node:http2'
import { refuseCalls } from '../refuse.ts'

/** `node:http2` cannot be simulated. */
export function refuseHttp2(): void {
  refuseCalls(http2, 'http2', ['connect', 'createServer', 'createSecureServer', 'performServerHandshake'], 'http2')
}
