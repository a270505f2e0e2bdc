import '../../../harness/register.ts'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ExplorationFailed, explore } from '../../../harness/explore/explore.ts'

/** A server that sells seats, and asks and marks in two steps. */
async function twoBuyers(): Promise<number[]> {
  const sold = new Set<string>()
  const server = createServer(async (request, response) => {
    const seat = request.url as string
    const isFree = !sold.has(seat)
    await sleep(1)
    sold.add(seat)
    response.writeHead(isFree ? 201 : 409).end()
  })
  await new Promise<void>((resolve) => server.listen(8080, resolve))
  const buy = async () => (await fetch('http://127.0.0.1:8080/seat-1')).status
  const statuses = await Promise.all([buy(), buy()])
  await new Promise((resolve) => server.close(resolve))
  return statuses
}

it('tells a race of two buyers', async () => {
  const failure = await explore(
    async () => {
      expect((await twoBuyers()).sort()).toEqual([201, 409])
    },
    { name: 'two buyers', schedules: 200 },
  ).catch((error: unknown) => error)
  console.log((failure as Error).message)
  expect(failure).toBeInstanceOf(ExplorationFailed)
})
