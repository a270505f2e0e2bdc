import { get } from 'node:http'
import { connect } from 'node:net'
import { HarnessError } from '../errors.ts'
import { delay } from './waiting.ts'

const pollMs = 50
const answerTimeoutMs = 2_000

/** How a target that we did not write says that it is ready. */
export interface Readiness {
  url: string
  /** The path that answers 200; without one, a port that accepts connections will do. */
  readyPath: string | undefined
  timeoutMs: number
  signal: AbortSignal
  /** What to tell the reader to look at when it never gets ready. */
  hint: string
}

/** Waits until the target is ready. Throws `ERR_TARGET_NOT_READY` when the time is over, and the signal's reason when it is aborted. */
export async function untilReady({ url, readyPath, timeoutMs, signal, hint }: Readiness): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs
  let last = ''
  while (performance.now() < deadlineMs) {
    signal.throwIfAborted()
    last = readyPath === undefined ? await accepts(url) : await answers(new URL(readyPath, url))
    if (last === '') return
    await delay(pollMs)
  }
  const where = readyPath === undefined ? url : new URL(readyPath, url).href
  throw new HarnessError('ERR_TARGET_NOT_READY', `${where} was not ready after ${timeoutMs} ms: ${last}. ${hint}`)
}

/** Why the path does not answer 200; an empty text when it does. */
function answers(url: URL): Promise<string> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: answerTimeoutMs }, (response) => {
      response.resume()
      resolve(response.statusCode === 200 ? '' : `it answered ${response.statusCode}, expected 200`)
    })
    request.on('timeout', () => request.destroy(new Error(`no answer within ${answerTimeoutMs} ms`)))
    request.on('error', (error) => resolve(error.message))
  })
}

/** Why the port does not accept a connection; an empty text when it does. */
function accepts(url: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 80), timeout: answerTimeoutMs })
    socket.on('timeout', () => socket.destroy(new Error(`no connection within ${answerTimeoutMs} ms`)))
    socket.once('error', (error) => resolve(error.message))
    socket.once('connect', () => {
      resolve('')
      socket.destroy()
    })
  })
}
