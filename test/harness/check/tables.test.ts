import { describe, expect, it } from 'vitest'
import { contentionProfile, contentionTable } from '../../../harness/check/contention-table.ts'
import { doubleLoadCount } from '../../../harness/check/double-loads.ts'
import { latencyTable } from '../../../harness/check/latency.ts'
import { leakSlopes, leaksOf } from '../../../harness/check/leaks.ts'
import { setFullTable } from '../../../harness/check/set-full.ts'
import { history } from './notation.ts'

describe('contentionTable', () => {
  const table = contentionTable(
    history(`
      t1 lock acquired registry#1 owner=o1 wait=0
      t1 lock released registry#1 owner=o1 hold=0.25
      t1 lock acquired sessions#a key=a owner=o1 wait=0
      t1 lock waiting sessions#a key=a owner=o2 queue=1
      t1 lock waiting sessions#a key=a owner=o3 queue=2
      t1 lock released sessions#a key=a owner=o1 hold=3
      t1 lock acquired sessions#a key=a owner=o2 wait=2
      t1 lock abandoned sessions#a key=a owner=o3
      t2 lock acquired sessions#b key=b owner=o4 wait=0
    `),
  )

  it('has a row for every lock, the most waited for first, also when nobody waited', () => {
    expect(table.map(({ lock, acquisitions, waits }) => ({ lock, acquisitions, waits }))).toEqual([
      { lock: 'sessions', acquisitions: 3, waits: 2 },
      { lock: 'registry', acquisitions: 1, waits: 0 },
    ])
  })

  it('tells shares, times and the longest queue', () => {
    const [sessions, registry] = table
    expect(sessions).toMatchObject({
      waitShare: 2 / 3,
      longestQueue: 2,
      waitMs: { p50: 2, max: 2 },
      holdMs: { max: 3 },
    })
    expect(registry).toMatchObject({
      waitShare: 0,
      longestQueue: 0,
      waitMs: { p50: 0, p99: 0, max: 0 },
      holdMs: { p50: 0.25 },
    })
  })

  it('counts waits of a lock that only says how long each acquisition waited', () => {
    const [row] = contentionTable(
      history(`
        t1 lock acquired db#1 owner=o1 wait=0
        t1 lock acquired db#1 owner=o2 wait=5
      `),
    )
    expect(row).toMatchObject({ acquisitions: 2, waits: 1, waitShare: 0.5, waitMs: { p99: 5 } })
  })
})

describe('contentionProfile', () => {
  /** `waiters` owners take one lock in turn, each asking while the one before holds it. */
  const queue = (waiters: number) => {
    const lines = ['t1 lock acquired db#1 owner=o0 wait=0']
    for (let next = 1; next <= waiters; next++) {
      lines.push(
        `t1 lock waiting db#1 owner=o${next} queue=1`,
        `t1 lock released db#1 owner=o${next - 1} hold=2`,
        `t1 lock acquired db#1 owner=o${next} wait=1`,
      )
    }
    return lines
  }

  it('has the rows of the table, with histograms whose bars add up to what was measured', () => {
    const events = history(queue(3).join('\n'))
    const [row] = contentionProfile(events)
    expect(row).toMatchObject(contentionTable(events)[0]!)
    expect(row!.waitHistogram).toEqual([{ upToMs: 1.024, count: 3 }])
    expect(row!.holdHistogram).toEqual([{ upToMs: 2.048, count: 3 }])
    expect(row!.convoys).toEqual([])
  })

  it('counts each caller that waited as one request, however often it waited', () => {
    const [row] = contentionProfile(
      history(`
        c0 invoke read
        c1 invoke read
        c2 invoke read
        c3 invoke read
        ${queue(1).join('\n')}
        t1 lock released db#1 owner=o1 hold=2
        ${queue(1).join('\n')}
      `),
    )
    expect(row!.requestShare).toBe(1 / 4)
  })

  it('shows convoys: when, how many hand-overs, and how many waited at once', () => {
    const [row] = contentionProfile(history(queue(12).join('\n')))
    expect(row!.convoys).toEqual([{ fromMs: 3, untilMs: 36, handOvers: 12, longestQueue: 1 }])
  })

  it('does not take a queue for a convoy that drains in between', () => {
    const drained = [...queue(9), 't1 lock released db#1 owner=o9 hold=2']
    const [row] = contentionProfile(history([...drained, ...queue(9)].join('\n')))
    expect(row).toMatchObject({ waits: 18, convoys: [] })
  })
})

describe('setFullTable', () => {
  it('counts what became of the elements', () => {
    const table = setFullTable(
      history(`
        c0 invoke add 1
        c0 ok
        c0 invoke add 2
        c0 ok
        c0 invoke add 3
        c0 ok
        c1 invoke read
        c1 ok [1,1]
        @20 c1 invoke read
        c1 ok [1,2]
        c0 invoke add 4
        c0 ok
        c0 invoke add 5
        c0 info connection reset
      `),
    )
    expect(table).toEqual({
      attempted: 5,
      acknowledged: 4,
      stable: 2,
      lost: 1,
      stale: 1,
      neverRead: 1,
      duplicated: 1,
      staleMs: { p50: 3, p99: 3, max: 3 },
    })
  })
})

describe('leakSlopes', () => {
  const audits = (counts: number[]) => counts.map((count, round) => `audit ${round} timers=${count}`).join('\n')

  it('gives a slope with its interval for all that was counted, whether it is a leak or not', () => {
    const [steady] = leakSlopes(history(audits([0, 10, 20, 30, 40])))
    expect(steady).toEqual({ kind: 'timers', counts: [10, 20, 30, 40], perRound: 10, low: 10, high: 10 })
    const [noise] = leakSlopes(history(audits([5, 7, 4, 8, 5])))
    expect(noise!.low).toBeLessThan(0)
    expect(noise!.high).toBeGreaterThan(0)
  })

  it('needs three rounds of one process', () => {
    expect(leakSlopes(history(audits([0, 10, 20])))).toEqual([])
    const restarted = `${audits([0, 10, 20, 30])}\ntarget t1 spawned\n${audits([0, 10, 20]).split('\n').slice(1).join('\n')}`
    expect(leakSlopes(history(restarted))).toEqual([])
  })
})

describe('latencyTable', () => {
  it('has the percentiles of each operation, of the calls that were answered, to the microsecond', () => {
    const lines = Array.from({ length: 100 }, (_, i) => [
      `@${i * 1000} c0 invoke read`,
      `@${i * 1000 + (i + 1) / 100} c0 ok`,
    ])
    const table = latencyTable(
      history(`
        ${lines.flat().join('\n')}
        c1 invoke write
        c1 fail 503 no room
        c2 invoke list
      `),
    )
    expect(Object.keys(table)).toEqual(['read'])
    const { count, p50, p90, p99, max } = table.read!
    expect(count).toBe(100)
    // A histogram bucket is at most a thousandth wide.
    for (const [percentile, exact] of [
      [p50, 0.5],
      [p90, 0.9],
      [p99, 0.99],
      [max, 1],
    ] as const) {
      expect(Math.abs(percentile - exact)).toBeLessThanOrEqual(0.001)
    }
  })

  it('keeps the order of percentiles for times of any size', () => {
    const { p50, p99, max } = latencyTable(
      history(`
        @0 c0 invoke read
        @0 c0 ok
        @10 c0 invoke read
        @3600010.123 c0 ok
      `),
    ).read!
    expect(p50).toBe(0)
    expect(p99).toBeLessThanOrEqual(max)
    expect(max).toBeCloseTo(3_600_000.123, 3)
  })
})

describe('leaksOf', () => {
  it('says what was left after the last round, and names it, but not what only may be a leak', () => {
    const leaks = leaksOf(
      history(`
        audit 0 resource:stream=1 childProcesses=0 timers=3 sockets=1
        audit 1 resource:stream=2 childProcesses=0 timers=63 sockets=1 | stream p-r1-3
        audit 2 resource:stream=3 childProcesses=0 timers=123 sockets=1 | stream p-r1-3 | stream p-r2-9
        audit 3 resource:stream=3 childProcesses=0 timers=183 sockets=1 | stream p-r1-3 | stream p-r2-9
        audit 4 resource:stream=3 childProcesses=0 timers=243 sockets=9 | stream p-r1-3 | stream p-r2-9
        audit 5 resource:stream=3 childProcesses=0 timers=303 sockets=17 | stream p-r1-3 | stream p-r2-9
        audit 6 resource:stream=4 childProcesses=0 timers=363 sockets=25 | stream p-r1-3 | stream p-r2-9 | stream p-r3-1
      `),
    )
    expect(leaks).toEqual([
      { kind: 'resource:stream', count: 3, items: ['stream p-r1-3', 'stream p-r2-9', 'stream p-r3-1'] },
      { kind: 'timers', count: 360, items: [] },
    ])
  })

  it('is empty when everything is back, and when nothing was counted', () => {
    expect(leaksOf(history('audit 0 timers=3\naudit 1 timers=3'))).toEqual([])
    expect(leaksOf([])).toEqual([])
  })
})

describe('doubleLoadCount', () => {
  it('counts every load that should not have been', () => {
    const thrice = history(`
      t1 cache load sessions a
      t1 cache load sessions a
      t1 cache loaded sessions a
      t1 cache loaded sessions a
      t1 cache load sessions a
      t1 cache load sessions b
    `)
    expect(doubleLoadCount(thrice)).toBe(2)
    expect(doubleLoadCount([])).toBe(0)
  })
})
