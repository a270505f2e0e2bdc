import { once } from 'node:events'
import { Agent } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { sendJson } from '../../../../reference-impl/pipeline/client/http.ts'

/** Answers each connection's first request, and resets the connection at its second. */
async function forgetful() {
  const requests: string[] = []
  const server = createServer((socket: Socket) => {
    socket.once('data', (first) => {
      requests.push(String(first).split(' ')[0]!)
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')
      socket.once('data', () => socket.resetAndDestroy())
    })
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const agent = new Agent({ keepAlive: true })
  return {
    url,
    agent,
    requests,
    async [Symbol.asyncDispose]() {
      agent.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

describe('a request on a kept connection that the server closes in that moment', () => {
  it('is sent again on another one when it only reads', async () => {
    await using server = await forgetful()
    const { url, agent, requests } = server
    await sendJson(url, { agent })
    await sendJson(url, { agent })
    expect(requests).toEqual(['GET', 'GET'])
  })

  it('is not sent again when it may have had an effect', async () => {
    await using server = await forgetful()
    const { url, agent, requests } = server
    await sendJson(url, { agent })
    await expect(sendJson(url, { agent, method: 'POST', body: {} })).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(requests).toEqual(['GET'])
  })

  it('fails when it is the first on its connection', async () => {
    const server = createServer((socket) => socket.resetAndDestroy()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    await expect(sendJson(url)).rejects.toMatchObject({ code: 'ECONNRESET' })
    server.close()
  })
})
