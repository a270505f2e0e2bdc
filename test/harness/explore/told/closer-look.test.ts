import { later } from '../../sim/guard/early-library.ts'
import '../../../../harness/register.ts'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type ExplorationFailed, explore } from '../../../../harness/explore/explore.ts'
import type { Simulated } from '../../../../harness/sim/simulate.ts'

async function messageOf(run: Simulated<unknown>): Promise<string> {
  const failure = await explore(run, { name: 'it', schedules: 3 }).catch((error: unknown) => error)
  // The findings, in one line.
  return (failure as ExplorationFailed).message.split('\n\n')[1]!.replace(/\n +/g, ' ')
}

describe('a failure that is looked at closely', () => {
  it('says where what was left open had been opened, and when', async () => {
    const message = await messageOf(async () => {
      await new Promise((resolve) => setTimeout(resolve, 7))
      createServer().listen(9000)
    })
    expect(message).toMatch(
      /leftovers: process 'main' has left a server open: listening on 9000; opened at test\/harness\/explore\/told\/closer-look\.test\.ts:\d+ after 7 ms/,
    )
  })

  it('says what a function waits for that never ends, and where that was begun', async () => {
    const message = await messageOf(later)
    expect(message).toMatch(/progress: .*a real timer \(Timeout\) was started at .*early-library\.ts:\d+:\d+/)
    expect(message).toContain("import 'raceproof/register' before it")
  })
})
