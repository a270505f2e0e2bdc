import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent, request, fetch as undiciFetch } from 'undici'
import type { Sim } from '../../../../../harness/sim/sim.ts'
import { closed, host, listening } from './server.ts'

const url = `http://${host}:8080`

/** Two clients over pools of keep-alive connections: a body sent and echoed, a stream, an error reply, and a time-out. */
export async function undiciProgram(sim: Sim) {
  const server = createServer(answer)
  await sim.process('server', () => listening(server, 8080))
  const answers = await Promise.all(['a', 'b'].map((name) => sim.process(name, () => withUndici(name))))
  await closed(server)
  return answers
}

/** The same by the global `fetch`, whose agent lives on with its connections; the server ends them. */
export async function fetchProgram(sim: Sim) {
  const server = createServer(answer)
  await sim.process('server', () => listening(server, 8080))
  const answers = await Promise.all(['a', 'b'].map((name) => sim.process(name, () => withFetch(fetch, name))))
  const closing = closed(server)
  server.closeAllConnections()
  await closing
  return answers
}

export const fetchAnswer = ['a', 'b'].map((name) => ({
  echoed: `${name} says hello`,
  streamed: 'one two three ',
  missing: 404,
  aborted: 'TimeoutError',
}))

async function withUndici(name: string) {
  const dispatcher = new Agent({ connections: 2 })
  const plain = await request(`${url}/echo`, { method: 'POST', body: `${name} says hello`, dispatcher })
  const text = await plain.body.text()
  const answers = await withFetch(
    ((path: string, options: object) => undiciFetch(path, { ...options, dispatcher })) as never,
    name,
  )
  await dispatcher.close()
  return { ...answers, echoed: text }
}

async function withFetch(ask: typeof fetch, name: string) {
  const echoed = await (await ask(`${url}/echo`, { method: 'POST', body: `${name} says hello` })).text()
  const streamed = await readAll((await ask(`${url}/stream`)).body as ReadableStream<Uint8Array>)
  const missingReply = await ask(`${url}/missing`)
  await missingReply.text()
  const aborted = await ask(`${url}/slow`, { signal: AbortSignal.timeout(50) }).catch((error: Error) => error.name)
  return { echoed, streamed, missing: missingReply.status, aborted }
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) text += decoder.decode(chunk)
  return text
}

function answer(asked: IncomingMessage, reply: ServerResponse): void {
  if (asked.url === '/echo') asked.pipe(reply)
  else if (asked.url === '/stream') stream(reply)
  else if (asked.url === '/slow') setTimeout(() => reply.end('late'), 10_000).unref()
  else reply.writeHead(404).end('nothing here')
}

function stream(reply: ServerResponse, words = ['one ', 'two ', 'three ']): void {
  const [word, ...rest] = words
  if (word === undefined) return void reply.end()
  reply.write(word)
  setTimeout(() => stream(reply, rest), 5)
}
