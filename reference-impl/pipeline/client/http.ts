import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from 'node:http'
import { Refusal, retryAfterMs } from './refusal.ts'

export interface HttpRequest extends Omit<RequestOptions, 'signal'> {
  /** Sent as JSON. */
  body?: unknown
  /** Ends the request, or the response where it has begun. */
  signal?: AbortSignal
}

/** Sends a request, and resolves with the response's head. Rejects with the network's error, or the signal's reason. */
export async function send(url: string, { signal, ...httpRequest }: HttpRequest = {}): Promise<IncomingMessage> {
  for (;;) {
    signal?.throwIfAborted()
    const sent = begin(url, httpRequest)
    try {
      return await responseTo(sent, signal)
    } catch (error) {
      if (!missedTheConnection(sent, error as NodeJS.ErrnoException)) throw error
    }
  }
}

function begin(url: string, { body, ...options }: Omit<HttpRequest, 'signal'>): ClientRequest {
  const text = body === undefined ? '' : JSON.stringify(body)
  const json = text === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
  const sent = request(url, { ...options, headers: { ...json, ...(options.headers as object) } })
  return sent.end(text)
}

/**
 * The signal is heard here and not by Node's own `signal` option: that destroys the socket with an error, for which
 * nobody listens any more once a response has come in whole, and then the process ends.
 */
function responseTo(sent: ClientRequest, signal: AbortSignal | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let response: IncomingMessage | undefined
    const abort = () => (response ? response.destroy() : sent.destroy(signal?.reason))
    signal?.addEventListener('abort', abort, { once: true })
    sent.once('close', () => signal?.removeEventListener('abort', abort))
    sent.once('response', (head) => {
      response = head
      resolve(head)
    })
    // Stays for the request's whole life: nobody else listens for errors that come after the response.
    sent.on('error', reject)
  })
}

/**
 * A server may close an idle connection in the very moment in which it is used again. That is nobody's failure, and a
 * request that has no effect is simply sent again, on another connection.
 */
function missedTheConnection({ method, reusedSocket }: ClientRequest, { code }: NodeJS.ErrnoException): boolean {
  return method === 'GET' && reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')
}

/** Reads a body to its end. Rejects when the connection breaks first. */
async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8')
  let text = ''
  for await (const piece of response) text += piece
  return text
}

/** The refusal that a response other than 2xx is, with the reason that its body gives. */
export async function refusalOf(response: IncomingMessage): Promise<Refusal> {
  const status = response.statusCode ?? 0
  const reason = reasonIn(await textOf(response))
  return new Refusal(status, `${status}: ${reason}`, retryAfterMs(response.headers['retry-after']))
}

function reasonIn(text: string): string {
  try {
    return (JSON.parse(text) as { error?: string }).error ?? text
  } catch {
    return text || 'no reason given'
  }
}

/** A JSON answer, with the response that brought it. */
export interface JsonAnswer<T> {
  response: IncomingMessage
  /** The parsed body; undefined when it is empty. */
  value: T
}

/** Sends a request and reads the JSON answer. Rejects with a Refusal unless the status is 2xx. */
export async function sendJson<T>(url: string, httpRequest: HttpRequest = {}): Promise<JsonAnswer<T>> {
  const response = await send(url, httpRequest)
  const { statusCode = 0 } = response
  if (statusCode < 200 || statusCode > 299) throw await refusalOf(response)
  const text = await textOf(response)
  return { response, value: (text === '' ? undefined : JSON.parse(text)) as T }
}
