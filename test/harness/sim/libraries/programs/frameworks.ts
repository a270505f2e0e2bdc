import { createServer, type Server } from 'node:http'
import { Readable } from 'node:stream'
import { serve } from '@hono/node-server'
import express, { type ErrorRequestHandler } from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { streamText } from 'hono/streaming'
import { Agent, request } from 'undici'
import type { Sim } from '../../../../../harness/sim/sim.ts'
import { closed, host, listening, sleep } from './server.ts'

/** The same small service in three frameworks: a sum, a stream, an error and an unknown path. */
export async function fastifyProgram(sim: Sim) {
  const app = fastify()
  app.post<{ Body: { numbers: number[] } }>(
    '/sum',
    { schema: { body: { type: 'object', required: ['numbers'], properties: { numbers: { type: 'array' } } } } },
    async ({ body }) => {
      await sleep(3)
      return { sum: sumOf(body.numbers) }
    },
  )
  app.get('/stream', (_asked, reply) => reply.header('content-type', 'text/plain').send(readable()))
  app.get('/broken', async () => {
    throw new Error('broken on purpose')
  })
  await sim.process('server', () => app.listen({ host, port: 8080 }))
  const answers = await clients(sim)
  await sim.process('server', () => app.close())
  return answers
}

export async function expressProgram(sim: Sim) {
  const app = express()
  app.use(express.json())
  app.post('/sum', async ({ body }, reply) => {
    if (!Array.isArray(body.numbers)) return void reply.status(400).json({ message: 'numbers, please' })
    await sleep(3)
    reply.json({ sum: sumOf(body.numbers) })
  })
  app.get('/stream', (_asked, reply) => void readable().pipe(reply.type('text/plain')))
  app.get('/broken', async () => {
    throw new Error('broken on purpose')
  })
  const broken: ErrorRequestHandler = (error, _asked, reply, _next) =>
    reply.status(500).json({ message: error.message })
  app.use(broken)
  const server = createServer(app)
  await sim.process('server', () => listening(server, 8080))
  const answers = await clients(sim)
  await closed(server)
  return answers
}

export async function honoProgram(sim: Sim) {
  const app = new Hono()
  app.post('/sum', async (context) => {
    const { numbers } = await context.req.json()
    if (!Array.isArray(numbers)) return context.json({ message: 'numbers, please' }, 400)
    await sleep(3)
    return context.json({ sum: sumOf(numbers) })
  })
  app.get('/stream', (context) =>
    streamText(context, async (stream) => {
      for (const word of words) {
        await stream.write(word)
        await stream.sleep(5)
      }
    }),
  )
  app.get('/broken', () => {
    throw new Error('broken on purpose')
  })
  app.onError((error, context) => context.json({ message: error.message }, 500))
  const server = await sim.process('server', () => serving(app))
  const answers = await clients(sim)
  await closed(server)
  return answers
}

export const frameworkAnswer = [1, 2].map((own) => ({
  sum: `200 {"sum":${own + 5}}`,
  streamed: '200 one two three ',
  refused: '400',
  broken: 'broken on purpose',
  missing: '404',
}))

const words = ['one ', 'two ', 'three ']

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

function readable(): NodeJS.ReadableStream {
  return Readable.from(slowWords())
}

async function* slowWords() {
  for (const word of words) {
    yield word
    await sleep(5)
  }
}

function serving(app: Hono): Promise<Server> {
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: host, port: 8080, overrideGlobalObjects: false }, () =>
      resolve(server as Server),
    )
  })
}

function clients(sim: Sim) {
  return Promise.all([1, 2].map((own) => sim.process(`client${own}`, () => client(own))))
}

async function client(own: number) {
  const dispatcher = new Agent({ connections: 1 })
  const ask = async (method: 'GET' | 'POST', path: string, body?: object) => {
    const headers = { 'content-type': 'application/json' }
    const asked = { method, dispatcher, ...(body ? { body: JSON.stringify(body), headers } : {}) }
    const reply = await request(`http://${host}:8080${path}`, asked)
    return { status: reply.statusCode, text: await reply.body.text() }
  }
  const sum = await ask('POST', '/sum', { numbers: [own, 2, 3] })
  const streamed = await ask('GET', '/stream')
  const refused = await ask('POST', '/sum', {})
  const broken = await ask('GET', '/broken')
  const missing = await ask('GET', '/missing')
  await dispatcher.close()
  return {
    sum: `${sum.status} ${sum.text}`,
    streamed: `${streamed.status} ${streamed.text}`,
    refused: String(refused.status),
    broken: JSON.parse(broken.text).message,
    missing: String(missing.status),
  }
}
