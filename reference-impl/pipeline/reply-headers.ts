import type { IncomingMessage } from 'node:http'

/** Names the life of a plan id that a reply is about. */
export const streamHeader = 'x-plan-stream'

const markerHeader = 'x-request-marker'

// What a client sends goes into the head of a reply, so it may be nothing but one short word.
const markerPattern = /^[\x21-\x7e]{1,128}$/

/** The header that gives a request's marker back, so that its sender can tell the reply is its own; none if it has none. */
export function markerOf(request: IncomingMessage): Record<string, string> {
  const marker = request.headers[markerHeader]
  return typeof marker === 'string' && markerPattern.test(marker) ? { [markerHeader]: marker } : {}
}
