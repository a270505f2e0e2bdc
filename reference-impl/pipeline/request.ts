import type { IncomingMessage } from 'node:http'
import { Refusal } from './refusal.ts'

/** Reads a JSON body; an empty one is `{}`. Throws a Refusal: 413 when it is too long, 400 when it is no JSON. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Refusal(413, `the body is longer than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  if (bytes === 0) return {}
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (error) {
    throw new Refusal(400, `the body is no valid JSON: ${(error as Error).message}`)
  }
}

/** The query of a request's URL. */
export function queryOf(request: IncomingMessage): URLSearchParams {
  return new URL(request.url ?? '/', 'http://localhost').searchParams
}

/** A whole number in a query or header; `fallback` when it is absent. Throws a Refusal with status 400. */
export function wholeNumber(
  name: string,
  text: string | null | undefined,
  { fallback, from = 0, to = Number.MAX_SAFE_INTEGER }: { fallback: number; from?: number; to?: number },
): number {
  if (text === null || text === undefined) return fallback
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (number >= from && number <= to) return number
  const bounds = to === Number.MAX_SAFE_INTEGER ? `of at least ${from}` : `from ${from} to ${to}`
  throw new Refusal(400, `'${name}' must be a whole number ${bounds}, got '${text}'`)
}

/** Where a subscriber starts: what the browser says when it reconnects, else the query, else the beginning. */
export function startOf(request: IncomingMessage): number {
  const header = request.headers['last-event-id']
  if (typeof header === 'string' && header !== '') return wholeNumber('Last-Event-ID', header, { fallback: 0 })
  return wholeNumber('after', queryOf(request).get('after'), { fallback: 0 })
}
