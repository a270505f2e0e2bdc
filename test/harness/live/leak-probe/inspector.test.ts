import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { Inspector } from '../../../../harness/live/leak-probe/inspector.ts'

/** A debugger that answers only while it is told to, and then also what it was asked before. */
class Debugger {
  readonly #server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  readonly #asked: { socket: WebSocket; id: number }[] = []
  #answers = true

  constructor() {
    this.#server.on('connection', (socket) =>
      socket.on('message', (text) => {
        this.#asked.push({ socket, id: (JSON.parse(String(text)) as { id: number }).id })
        if (this.#answers) this.answer()
      }),
    )
  }

  async connect(timeoutMs: number): Promise<Inspector> {
    if (this.#server.address() === null) await once(this.#server, 'listening')
    return Inspector.connect(`ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`, timeoutMs)
  }

  fallSilent(): void {
    this.#answers = false
  }

  answer(): void {
    this.#answers = true
    for (const { socket, id } of this.#asked.splice(0)) socket.send(JSON.stringify({ id, result: { id } }))
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate()
    this.#server.close()
  }
}

describe('the connection to a debugger', () => {
  const debuggee = new Debugger()
  afterEach(() => debuggee.close())

  it('waits once for a target that does not answer, and asks again when it does', async () => {
    const inspector = await debuggee.connect(100)
    debuggee.fallSilent()
    await expect(inspector.send('first')).rejects.toThrow('the target did not answer first within 100 ms')
    await expect(inspector.send('second')).rejects.toThrow(
      'the target was not asked for second: it has not answered before',
    )
    debuggee.answer()
    // The late answer says that it turns again.
    await expect.poll(() => inspector.send('third').catch(() => null)).toEqual({ id: expect.any(Number) })
    inspector.close()
  })
})
