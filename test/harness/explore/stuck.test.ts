import '../../../harness/register.ts'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ExplorationFailed, explore } from '../../../harness/explore/explore.ts'
import { active } from '../../../harness/sim/active.ts'

const stuckMs = 200

/** Goes on for ever, once asked. */
function turn(): never {
  for (;;) Math.sqrt(2)
}

/** The line on which that is, as a report names it. */
const itsLine = /it is at \S*stuck\.test\.ts:1[34]\b/

const loops: Record<string, () => Promise<unknown>> = {
  'a timer': () => new Promise(() => setTimeout(turn, 5)),
  'what comes after an await': async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    turn()
  },
  'a tick': () => new Promise(() => setTimeout(() => process.nextTick(turn), 5)),
  'the handler of a connection': async () => {
    createServer(turn).listen(80)
    await once(connect(80), 'close')
  },
  'the function itself': async () => turn(),
}

describe('a schedule that never comes back', () => {
  it.each(Object.entries(loops))('is ended, and told with its line, when the loop is in %s', async (_where, run) => {
    const failure = await explore(run, { stuckMs, name: 'the server', strategy: 'random' }).catch((thrown) => thrown)
    expect(failure).toBeInstanceOf(ExplorationFailed)
    const { message, findings } = failure as ExplorationFailed
    expect(message).toMatch(/^the server fails in schedule 1 of 1000 \(natural\)/)
    expect(findings).toMatchObject([{ check: 'progress', message: expect.stringMatching(itsLine) }])
    expect(message).toContain("explore(fn, { seed: 1, strategy: 'random', schedules: 1 })")
    // The thread can go on.
    const correct = async () => new Promise((resolve) => setTimeout(resolve, 5))
    expect(await explore(correct, { schedules: 20, stuckMs })).toMatchObject({ schedules: 20 })
  })

  it('is found in the order that leads there, and in the search through all orders', async () => {
    const race = async () => {
      let isThere = false
      const first = stat('/a').catch(() => {
        isThere = true
      })
      const second = stat('/b').catch(() => {
        if (!isThere) turn()
      })
      await Promise.all([first, second])
    }
    for (const strategy of ['portfolio', 'exhaustive']) {
      const failure = await explore(race, { stuckMs, strategy }).catch((thrown) => thrown)
      expect(failure).toBeInstanceOf(ExplorationFailed)
      expect((failure as ExplorationFailed).findings).toMatchObject([{ check: 'progress' }])
    }
  })

  it('is no finding when it comes further with more time', async () => {
    const slowly = async () => {
      const untilMs = active.real.Date.now() + 600
      while (active.real.Date.now() < untilMs) await new Promise((resolve) => setImmediate(resolve))
    }
    await expect(explore(slowly, { stuckMs, maxSteps: 2 ** 30 })).rejects.toMatchObject({
      code: 'ERR_SCENARIO_INVALID',
    })
    expect(await explore(slowly, { stuckMs: 60_000, schedules: 1, maxSteps: 2 ** 30 })).toMatchObject({ schedules: 1 })
  })

  it('is told when a schedule that is replayed has become one', async () => {
    const failing = async () => {
      throw new Error('wrong')
    }
    const { replay } = (await explore(failing, { schedules: 1 }).catch((thrown) => thrown)) as ExplorationFailed
    const failure = await explore(async () => turn(), { replay, stuckMs, name: 'it' }).catch((thrown) => thrown)
    expect(failure).toBeInstanceOf(ExplorationFailed)
    const { message, findings } = failure as ExplorationFailed
    expect(findings).toMatchObject([{ check: 'progress', message: expect.stringMatching(itsLine) }])
    expect(message).toContain(`explore(fn, { replay: '${replay}' })`)
  })

  it('ends the search for a smaller failure, which then is the smallest until there', async () => {
    let loops = 0
    const race = async () => {
      const order: string[] = []
      const done = (name: string) => () => void order.push(name)
      await Promise.all(['a', 'b', 'c'].map((name) => stat(`/${name}`).catch(done(name))))
      if (order[0] === 'b' && ++loops) turn()
      if (order.join('') === 'cba') throw new Error('upside down')
    }
    // With this seed, its schedules come upon the error first, and the search upon the loop.
    const failure = await explore(race, { stuckMs, seed: 3, strategy: 'random' }).catch((thrown) => thrown)
    expect(failure).toBeInstanceOf(ExplorationFailed)
    expect((failure as ExplorationFailed).message).toMatch(/^race fails in .* made small, with 2 events held back/)
    expect((failure as ExplorationFailed).findings).toMatchObject([
      { message: expect.stringMatching(/^Error: upside down\nthrown at .*stuck\.test\.ts:94$/) },
    ])
    expect(loops).toBe(1)
  })
})
