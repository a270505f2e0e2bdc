import { describe, expect, it } from 'vitest'
import { ClientCrowd } from '../../../harness/run/crowd.ts'

const crowd = ClientCrowd.of(['a', 'b', 'c', 'd'], {
  isMistake: (thrown) => thrown instanceof TypeError,
  processes: 2,
})

describe('a crowd', () => {
  it('does one thing with every client at once, and gives the answers in order', async () => {
    let busy = 0
    let most = 0
    const answers = await crowd.all(async (client, index) => {
      most = Math.max(most, ++busy)
      await new Promise(setImmediate)
      busy--
      return `${client}${index}`
    })
    expect(answers).toEqual(['a0', 'b1', 'c2', 'd3'])
    expect(most).toBe(4)
  })

  it('passes the place in the whole crowd, also in a part of it', async () => {
    expect(
      await crowd
        .rest(1)
        .first(2)
        .all(async (client, index) => `${client}${index}`),
    ).toEqual(['b1', 'c2'])
    expect(
      await crowd
        .first(3)
        .rest(2)
        .attempt(async (client, index) => `${client}${index}`),
    ).toEqual(['c2'])
    expect(crowd.rest(9).size).toBe(0)
  })

  it('is dealt out to the processes of the target by turns, whatever part of it is asked', async () => {
    const placed = async (client: string, index: number) => `${client}${index}`
    expect(await crowd.on(0).all(placed)).toEqual(['a0', 'c2'])
    expect(await crowd.on(1).all(placed)).toEqual(['b1', 'd3'])
    expect(await crowd.rest(1).on(0).all(placed)).toEqual(['c2'])
    expect(() => crowd.on(2)).toThrow("on(2) expects one of the target's processes, which are 2, from 0")
  })

  it('waits for all before it throws the first error', async () => {
    const done: string[] = []
    const racing = crowd.all(async (client) => {
      if (client === 'a') throw new Error('refused')
      await new Promise(setImmediate)
      done.push(client)
    })
    await expect(racing).rejects.toThrow('refused')
    expect(done).toEqual(['b', 'c', 'd'])
  })

  it('leaves a gap for what failed in an attempt, but does not hide a mistake', async () => {
    const attempt = (error: Error) =>
      crowd.attempt(async (client) => {
        if (client === 'b') throw error
        return client
      })
    expect(await attempt(new Error('refused'))).toEqual(['a', undefined, 'c', 'd'])
    await expect(attempt(new TypeError('client.go is not a function'))).rejects.toThrow('not a function')
  })

  it('says that there is no client at a place', () => {
    expect(crowd.at(3)).toBe('d')
    expect(() => crowd.at(4)).toThrow("at(4) expects a place below the crowd's size, which is 4")
  })
})
