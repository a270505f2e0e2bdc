import type { IncomingHttpHeaders } from 'node:http'
import type { Admission } from './channel.ts'

/** The header by which a reply names the life of the plan that it is about. */
export const streamHeader = 'x-plan-stream'

/** The header that the server echoes, so that a reply can be told from the reply to another request. */
export const markerHeader = 'x-request-marker'

export function admissionOf(headers: IncomingHttpHeaders): Admission {
  return { stream: text(headers[streamHeader]), marker: text(headers[markerHeader]) }
}

function text(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : ''
}
