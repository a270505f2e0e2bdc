import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { type Defect, defect } from 'raceproof'
import { HttpAdapter } from '../http-adapter.ts'

/** The replies that are awaited, by JSON-RPC id; of all clients. */
type Awaited = Map<unknown, ServerResponse[]>

/** Two clients that use the same id at the same time get each other's answers. */
export const responseCrosstalk: Defect = defect(
  'response-crosstalk',
  HttpAdapter,
  {
    source: 'mcp-thread-safety-insights, story 1',
    wrong: 'the HTTP adapter keys pending replies by JSON-RPC id alone, so equal ids of two clients swap answers',
    caughtBy: ['identity'],
    worlds: ['sim', 'live'],
    scenarios: ['dual-transport-session'],
  },
  (Correct) =>
    class extends Correct {
      readonly #awaited: Awaited = new Map()

      protected override async pass(
        session: Parameters<HttpAdapter['pass']>[0],
        request: IncomingMessage,
        response: ServerResponse,
      ) {
        if (request.method !== 'POST') return super.pass(session, request, response)
        const message = (await json(request)) as { id?: unknown }
        // DEFECT: ids are the clients' own, and two of them may use the same
        this.#awaited.set(message.id, [...(this.#awaited.get(message.id) ?? []), response])
        return session.handle(request, whoeverAwaits(this.#awaited, message.id, response), message)
      }
    },
)

/** A response whose body goes to whoever asked last under this id. */
function whoeverAwaits(awaited: Awaited, id: unknown, own: ServerResponse): ServerResponse {
  let to: ServerResponse | undefined
  return new Proxy(own, {
    get(_, name) {
      if (name === 'write' || name === 'end') to ??= awaited.get(id)?.pop() ?? own
      const value = Reflect.get(to ?? own, name)
      return typeof value === 'function' ? value.bind(to ?? own) : value
    },
  })
}
