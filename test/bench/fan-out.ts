import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { WebSocket } from 'ws'
import { entry } from '../../harness/entry.ts'
import { type Figure, median } from './figure.ts'

/** What the documents' polling took at worst: up to 100 ms in the server, up to 500 ms more in the client. */
const documentedMs = 600

const subscribers = 120
const lines = 200
const intervalMs = 20

// Prints the time, as the monotonic clock that all processes of a machine share says it, in nanoseconds.
const clock = `let left = ${lines}
const timer = setInterval(() => {
  console.log(String(process.hrtime.bigint()))
  if (--left === 0) clearInterval(timer)
}, ${intervalMs})`

/** How long a line takes from the process that prints it to each of 120 subscribers, half of them over SSE. */
export async function figures(): Promise<Figure[]> {
  const p99s: number[] = []
  for (let run = 0; run < 3; run++) p99s.push(await p99Ms())
  return [figureOf(median(p99s))]
}

async function p99Ms(): Promise<number> {
  const server = spawn(process.execPath, [entry('reference-impl/pipeline/main')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = await once(server.stdout, 'data')
    const latencies = (await latenciesMs(JSON.parse(String(line)).url)).sort((a, b) => a - b)
    return latencies[Math.floor(latencies.length * 0.99)] as number
  } finally {
    await stop(server)
  }
}

/** When a line was printed and when it arrived, in nanoseconds of the monotonic clock. */
interface Arrival {
  printed: bigint
  arrived: bigint
}

/** A subscriber that is connected, and what it will have got in the end. */
interface Subscription {
  arrivals: Promise<Arrival[]>
}

async function latenciesMs(url: string): Promise<number[]> {
  const body = JSON.stringify({ id: 'clock', command: [process.execPath, '-e', clock] })
  const accepted = await fetch(`${url}/api/plans`, { method: 'POST', body })
  if (accepted.status !== 201) throw new Error(`the plan was refused with ${accepted.status}: ${await accepted.text()}`)
  const connected = await Promise.all(
    Array.from({ length: subscribers }, (_, index) => (index % 2 === 0 ? overSse(url) : overWebSocket(url))),
  )
  // What was printed before everybody was there is history for some; it says nothing about how fast events travel.
  const from = process.hrtime.bigint()
  const arrivals = await Promise.all(connected.map((subscription) => subscription.arrivals))
  const live = arrivals.flat().filter(({ printed }) => printed > from)
  if (live.length < subscribers * (lines / 4)) throw new Error(`only ${live.length} lines were printed in time`)
  return live.map(({ printed, arrived }) => Number(arrived - printed) / 1e6)
}

async function overSse(url: string): Promise<Subscription> {
  const [response] = await once(http.get(`${url}/api/plans/clock/stream`, { agent: false }), 'response')
  const arrivals: Arrival[] = []
  response.setEncoding('utf8').on('data', (chunk: string) => arrivals.push(...arrivalsIn(chunk)))
  return { arrivals: once(response, 'end').then(() => arrivals) }
}

async function overWebSocket(url: string): Promise<Subscription> {
  const webSocket = new WebSocket(`${url.replace('http', 'ws')}/api/plans/clock/ws`)
  const arrivals: Arrival[] = []
  webSocket.on('message', (frame) => arrivals.push(...arrivalsIn(String(frame))))
  const closed = once(webSocket, 'close')
  await once(webSocket, 'open')
  return { arrivals: closed.then(() => arrivals) }
}

/** The lines in a piece of a stream; one that a chunk cuts in two is left out. */
function arrivalsIn(text: string): Arrival[] {
  const arrived = process.hrtime.bigint()
  return [...text.matchAll(/"line":"(\d+)"/g)].map(([, printed]) => ({ printed: BigInt(printed as string), arrived }))
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return
  server.kill('SIGTERM')
  await once(server, 'exit')
}

function figureOf(value: number): Figure {
  return {
    name: `event latency p99, from the process to ${subscribers} subscribers`,
    value,
    unit: 'ms',
    peer: "the documents' polling",
    peerValue: documentedMs,
    ratio: value / documentedMs,
    goal: `below ${documentedMs} ms`,
    met: value < documentedMs,
  }
}
