import '../../../../harness/register.ts'
import { writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { fromMacrotask } from '../../../../harness/explore/explore-subject.ts'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { type SimResult, type Simulated, simulateNow } from '../../../../harness/sim/simulate.ts'
import { ExhaustiveSearch } from '../../../../harness/sim/strategy/exhaustive.ts'
import type { Strategy } from '../../../../harness/sim/strategy/strategy.ts'
import { randomProgram } from './random-program.ts'

const options = { seed: 1, windowMs: 1, settleMs: 0 }

interface Searched {
  outcomes: Set<string>
  /** How many orders counted. */
  orders: number
  /** How many schedules were run for them. */
  runs: number
  isComplete: boolean
}

/** Runs all orders of a program, or as many schedules as are allowed. */
function search(program: Simulated<unknown>, { reduces = true, most = 3000 } = {}): Searched {
  const outcomes = new Set<string>()
  const search = new ExhaustiveSearch({ reduces })
  let [orders, runs] = [0, 0]
  let order = search.next()
  for (; order !== undefined && runs < most; order = search.next()) {
    const { strategy, footprints } = order
    const result = simulateNow(program, { ...options, strategy, footprints, trace: false })
    runs++
    if (!order.finish()) continue
    orders++
    outcomes.add(outcomeOf(result))
  }
  return { outcomes, orders, runs, isComplete: order === undefined }
}

/** All orders, counted up without any search: after a prefix of choices, always the first event that can happen. */
function bruteForce(program: Simulated<unknown>, most: number): Searched {
  const outcomes = new Set<string>()
  let prefix: number[] | undefined = []
  let runs = 0
  for (; prefix !== undefined && runs < most; runs++) {
    const counter = new Counter(prefix)
    outcomes.add(outcomeOf(simulateNow(program, { ...options, strategy: counter, trace: false })))
    prefix = counter.next()
  }
  return { outcomes, orders: runs, runs, isComplete: prefix === undefined }
}

class Counter implements Strategy {
  readonly name = 'brute force'
  readonly #places: number[] = []
  readonly #sizes: number[] = []
  readonly #prefix: readonly number[]

  constructor(prefix: readonly number[]) {
    this.#prefix = prefix
  }

  pick: Strategy['pick'] = (enabled) => {
    const place = this.#prefix[this.#places.length] ?? 0
    this.#places.push(place)
    this.#sizes.push(enabled.length)
    return enabled[place]!
  }

  next(): number[] | undefined {
    for (let at = this.#places.length - 1; at >= 0; at--) {
      const place = this.#places[at]! + 1
      if (place < this.#sizes[at]!) return [...this.#places.slice(0, at), place]
    }
    return undefined
  }
}

function outcomeOf({ status, value, findings }: SimResult<unknown>): string {
  return JSON.stringify([status, value, findings.map(({ message }) => message)])
}

/** Three operations on files, which complete in any order. */
async function threeLookups(): Promise<string> {
  const seen: string[] = []
  await Promise.all(['a', 'b', 'c'].map(async (name) => seen.push((await readNothing(name)) ?? name)))
  return seen.join('')
}

async function readNothing(name: string): Promise<undefined> {
  await stat(`/nowhere/${name}`).catch(() => {})
}

describe('the search through all orders', () => {
  it('finds the same outcomes as brute force without any reduction, for 200 random programs', async () => {
    let [compared, all, reduced, manifold] = [0, 0, 0, 0]
    for (let seed = 1; compared < 200; seed++) {
      const program = randomProgram(seed)
      const brute = await fromMacrotask(() => bruteForce(program, 250))
      if (!brute.isComplete || brute.orders === 1) continue
      const found = await fromMacrotask(() => search(program))
      expect({ seed, outcomes: [...found.outcomes].sort() }).toEqual({ seed, outcomes: [...brute.outcomes].sort() })
      compared++
      all += brute.orders
      reduced += found.orders
      if (brute.outcomes.size > 1) manifold++
    }
    expect(manifold).toBeGreaterThan(25)
    expect(reduced).toBeLessThan(all / 2)
  })

  it('runs exactly the orders of brute force when it does not reduce', async () => {
    let compared = 0
    for (let seed = 1; compared < 40; seed++) {
      const program = randomProgram(seed)
      const brute = await fromMacrotask(() => bruteForce(program, 200))
      if (!brute.isComplete) continue
      const found = await fromMacrotask(() => search(program, { reduces: false }))
      expect({ seed, orders: found.orders, runs: found.runs }).toEqual({ seed, orders: brute.orders, runs: brute.runs })
      compared++
    }
  })

  it('runs the six orders of three operations, and then has no more', async () => {
    const { outcomes, orders, isComplete } = await fromMacrotask(() => search(threeLookups))
    expect([...outcomes].map((outcome) => JSON.parse(outcome)[1]).sort()).toEqual([
      'abc',
      'acb',
      'bac',
      'bca',
      'cab',
      'cba',
    ])
    expect({ orders, isComplete }).toEqual({ orders: 6, isComplete: true })
  })

  it('does not swap events of two processes that meet at the disk', async () => {
    const program = async (sim: Sim) => {
      const write = (text: string) => () => {
        setImmediate(() => writeFileSync('/tmp/last-writer', text))
      }
      await Promise.all([sim.process('a', write('a')), sim.process('b', write('b'))])
      await new Promise((resolve) => setTimeout(resolve, 50))
      return sim.readFile('/tmp/last-writer').toString()
    }
    const { outcomes } = await fromMacrotask(() => search(program))
    expect([...outcomes].map((outcome) => JSON.parse(outcome)[1]).sort()).toEqual(['a', 'b'])
  })

  it('does not swap an event that reads the clock with one of another process that moves it', async () => {
    const program = async (sim: Sim) => {
      const startMs = Date.now()
      await sim.process('a', () => void setTimeout(() => {}, 1))
      const readAtMs = await sim.process('b', () => readNothing('x').then(() => Date.now() - startMs))
      await new Promise((resolve) => setTimeout(resolve, 10))
      return readAtMs
    }
    const { outcomes } = await fromMacrotask(() => search(program))
    expect([...outcomes].map((outcome) => JSON.parse(outcome)[1]).sort()).toEqual([0, 1])
  })

  it('does not swap what two processes ask the same server', async () => {
    const program = async (sim: Sim) => {
      const asked: string[] = []
      const server = createServer((request, response) => {
        asked.push(request.url!)
        response.end()
      })
      await sim.process('server', () => new Promise<void>((resolve) => server.listen(80, '127.0.0.1', resolve)))
      await Promise.all(['a', 'b'].map((name) => sim.process(name, () => void fetch(`http://127.0.0.1/${name}`))))
      await new Promise((resolve) => setTimeout(resolve, 100))
      return asked.join()
    }
    const { outcomes } = await fromMacrotask(() => search(program, { most: 400 }))
    expect([...outcomes].map((outcome) => JSON.parse(outcome)[1])).toEqual(expect.arrayContaining(['/a,/b', '/b,/a']))
  })

  it('says that a program which does something else in each schedule is nondeterministic', async () => {
    let schedules = 0
    const program = async () => {
      schedules++
      await Promise.all(Array.from({ length: 1 + (schedules % 2) }, () => readNothing('x')))
    }
    await expect(fromMacrotask(() => search(program))).rejects.toMatchObject({ code: 'ERR_NONDETERMINISM' })
  })
})
