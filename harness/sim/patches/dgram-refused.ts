import dgram from 'node:dgram'
import { refuseCalls } from '../refuse.ts'

/** `node:dgram` cannot be simulated. */
export function refuseDgram(): void {
  refuseCalls(dgram, 'dgram', ['createSocket', 'Socket'], 'dgram')
}
