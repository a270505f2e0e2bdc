import type { IncomingMessage } from 'node:http'
import type { HTTPMethod } from 'find-my-way'
import type { ZodType } from 'zod'
import { Refusal } from './refusal.ts'

/** A request, as far as an API needs to know it. */
export interface ApiRequest {
  /** The id or name in the path; empty where the path has none. */
  readonly id: string
  /** Reads the JSON body, and refuses (400, 413) one that is not as the schema says. */
  body<T>(schema: ZodType<T>): Promise<T>
}

export interface Reply {
  status: number
  body: unknown
}

/** What answers which request. A refusal is thrown. */
export interface Route {
  method: HTTPMethod
  /** With `:id` for a part that varies. */
  path: string
  answer(request: ApiRequest): Promise<Reply>
}

const maxBodyBytes = 64 * 1024

/** Reads a JSON body; an empty one is `{}`. Refuses (413) one that is too long, and (400) one that is not as expected. */
export async function readBody<T>(request: IncomingMessage, schema: ZodType<T>): Promise<T> {
  return checked(parsed(await textOf(request)), schema)
}

/** What came, if it is as the schema says; else a refusal (400) that says what is wrong with it. */
export function checked<T>(value: unknown, schema: ZodType<T>): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the value'}: ${message}`)
  throw new Refusal(400, problems.join('; '))
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw new Refusal(413, `the body is longer than ${maxBodyBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Refusal(400, `the body is no valid JSON: ${(error as Error).message}`)
  }
}
