import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { saturate } from '../../../harness/run/saturate.ts'

let server: Server
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/simulations`
}

describe('saturate', () => {
  it('sends a thousand requests, fifty at a time', async () => {
    let atOnce = 0
    let most = 0
    const url = await serve((_, response) => {
      most = Math.max(most, ++atOnce)
      setImmediate(() => response.end('[]', () => atOnce--))
    })
    const measured = await saturate(url)
    expect(measured).toMatchObject({ url, requests: 1000, connections: 50, non2xx: 0, errors: 0 })
    expect(measured.requestsPerSecond).toBeGreaterThan(0)
    expect(most).toBeLessThanOrEqual(50)
    expect(most).toBeGreaterThan(10)
  })

  it('counts what was refused, and what was not answered at all', async () => {
    let number = 0
    const url = await serve((_, response) => {
      number++
      if (number % 100 === 0) response.destroy()
      else response.writeHead(number % 10 === 0 ? 503 : 200).end()
    })
    expect(await saturate(url)).toMatchObject({ requests: 1000, non2xx: 90, errors: 10 })
  })
})
