import '../../../harness/register.ts'
import { appendFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { explore } from '../../../harness/explore/explore.ts'
import { isRepeated } from '../../../harness/explore/repeat.ts'
import type { Sim } from '../../../harness/sim/sim.ts'

/** Sends what it is given from one process to another. */
async function send(text: string): Promise<void> {
  const server = createServer((socket) => socket.on('data', () => socket.end()))
  await new Promise<void>((resolve) => server.listen(7000, '127.0.0.1', resolve))
  const socket = connect(7000, '127.0.0.1')
  socket.write(text)
  await new Promise((resolve) => socket.on('close', resolve).resume())
  await new Promise((resolve) => server.close(resolve))
}

describe('schedules that are run twice', () => {
  it('are the second one and one in a hundred', () => {
    expect(Array.from({ length: 250 }, (_, index) => index).filter(isRepeated)).toEqual([1, 101, 201])
  })

  it('show a counter in a module by the first event that differs, and say where to look', async () => {
    let counter = 0
    await expect(explore(() => send(`request ${++counter}`), { seed: 1 })).rejects.toMatchObject({
      code: 'ERR_NONDETERMINISM',
      message: expect.stringMatching(
        /^schedule 1 \(seed \d+, random\) was run twice and went differently at step \d+: first '\d+ c1:main→main\/1 data "request \d" 9 B', then '\d+ c1:main→main\/1 data "request \d" 9 B'\. The same event carried other bytes: look for a counter, a cache or an id in a module that survives/,
      ),
    })
  })

  it('are a share of all orders, too, where these are gone through one by one', async () => {
    let counter = 0
    const touched = async (sim: Sim) => {
      counter++
      const names = [`a${counter}`, `b${counter}`]
      await Promise.all(names.map((name, index) => sim.process(`p${index}`, () => appendFile('/tmp/names', name))))
    }
    await expect(explore(touched, { strategy: 'exhaustive' })).rejects.toMatchObject({
      code: 'ERR_NONDETERMINISM',
      message: expect.stringMatching(/^schedule 1 \(seed \d+, exhaustive\) was run twice and went differently/),
    })
  })

  it('show state that lets other events happen', async () => {
    const cache = new Map<string, number>()
    const lookUp = async () => {
      if (cache.size > 1) return
      cache.set(`key ${cache.size}`, 1)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await expect(explore(() => lookUp(), { seed: 1 })).rejects.toMatchObject({
      code: 'ERR_NONDETERMINISM',
      message: expect.stringMatching(/then nothing more.*Another event came: look for state in a module/),
    })
  })

  it('find nothing in a function that makes its state anew', async () => {
    const { schedules } = await explore(
      () => {
        let counter = 0
        return send(`request ${++counter}`)
      },
      { schedules: 220 },
    )
    expect(schedules).toBe(220)
  })
})
