import '../../../../harness/register.ts'
import { access, appendFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HarnessError } from '../../../../harness/errors.ts'
import { exploreSubject, fromMacrotask } from '../../../../harness/explore/explore-subject.ts'
import { functionSubject } from '../../../../harness/explore/function-subject.ts'
import { Attempts } from '../../../../harness/explore/shrink/attempt.ts'
import { kindOfFailure } from '../../../../harness/explore/shrink/same-failure.ts'
import { type FoundFailure, type SmallFailure, shrink } from '../../../../harness/explore/shrink/shrink.ts'
import { shrinkHolds } from '../../../../harness/explore/shrink/shrink-holds.ts'
import type { Judged, Subject, Variant } from '../../../../harness/explore/subject.ts'
import type { Sim } from '../../../../harness/sim/sim.ts'
import type { SimResult } from '../../../../harness/sim/simulate.ts'
import { strategiesNamed } from '../../../../harness/sim/strategy/strategies.ts'

type Step = { wait: number } | { file: number } | { read: true } | { write: true }

/** A program of workers that read a counter, do other things, and write it back. */
function programOf(workers: readonly (readonly Step[])[]): Subject {
  const run = async (sim: Sim) => {
    let counter = 0
    let lost = false
    const work = async (steps: readonly Step[]) => {
      let seen = counter
      for (const step of steps) {
        if ('wait' in step) await sleep(step.wait)
        else if ('file' in step) await appendFile(`/tmp/file-${step.file}`, 'line\n')
        else if ('read' in step) seen = counter
        else {
          lost ||= counter !== seen
          counter = ++seen
        }
      }
    }
    await Promise.all(workers.map((steps, index) => sim.process(`w${index}`, () => work(steps))))
    if (lost) throw new Error(`an update was lost, of ${counter}`)
  }
  return functionSubject(run, { name: 'workers', leftovers: true })
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ wait: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ file: fc.nat(2) }),
  fc.constant<Step>({ read: true }),
  fc.constant<Step>({ write: true }),
)
const workers = fc.array(fc.array(step, { maxLength: 6 }), { minLength: 2, maxLength: 4 })

async function found(subject: Subject, seed: number): Promise<FoundFailure | null> {
  const strategies = strategiesNamed('random') ?? []
  const { told } = await exploreSubject(subject, { seed, schedules: 20, strategies })
  return told?.told ? { variant: { seed: told.seed }, ...told.told } : null
}

const small = (subject: Subject, failure: FoundFailure, options?: Parameters<typeof shrink>[2]) =>
  fromMacrotask(() => shrink(subject, failure, options))

/** What a shrunk failure is, for comparisons. */
const essence = ({ holds, result, judged, runs }: SmallFailure) => ({
  holds,
  hash: result.hash,
  findings: judged.findings,
  runs,
})

describe('a failure made small', () => {
  it('fails in the same way, needs each of its holds, and is the same each time, for any small program', async () => {
    let shrunk = 0
    await fc.assert(
      fc.asyncProperty(workers, fc.nat(1000), async (steps, seed) => {
        const subject = programOf(steps)
        const failure = await found(subject, seed)
        if (failure === null) return
        shrunk++
        const result = (await small(subject, failure)) as SmallFailure
        expect(result).not.toBeNull()
        const kinds = result.judged.findings.map(kindOfFailure)
        expect(kinds).toContain(kindOfFailure(failure.judged.findings[0]!))
        await expectMinimal(subject, result)
        const again = (await small(subject, failure)) as SmallFailure
        expect(essence(again)).toEqual(essence(result))
      }),
      { numRuns: 60, seed: 7 },
    )
    // Where hardly anything fails, nothing was tested.
    expect(shrunk).toBeGreaterThan(10)
  })

  async function expectMinimal(subject: Subject, { holds, variant, judged }: SmallFailure): Promise<void> {
    const attempts = new Attempts(subject, judged.findings[0]!, { budget: { schedules: 1000, steps: 1_000_000 } })
    for (const hold of holds) {
      const without = holds.filter((other) => other !== hold)
      expect(await fromMacrotask(() => attempts.failing(variant, without))).toBeNull()
    }
  }

  it('replays the same, a hundred times of a hundred', async () => {
    const subject = programOf([
      [{ file: 0 }, { read: true }, { file: 1 }, { write: true }],
      [{ wait: 3 }, { read: true }, { wait: 2 }, { write: true }],
    ])
    const failure = (await found(subject, 3)) as FoundFailure
    const result = (await small(subject, failure)) as SmallFailure
    expect(result.holds.length).toBeLessThanOrEqual(2)
    const seen = new Set<string>()
    for (let time = 0; time < 100; time++) {
      const again = await fromMacrotask(() => new Attempts(subject, 'any').run(result.variant, result.holds))
      seen.add(`${again.result.hash} ${again.judged.findings[0]?.message}`)
    }
    expect([...seen]).toEqual([`${result.result.hash} ${result.judged.findings[0]?.message}`])
  })

  it('does not drift to an assertion of other words, though that needs no hold', async () => {
    const run = async (sim: Sim) => {
      const order: string[] = []
      const file = sim.process('a', () => appendFile('/tmp/a', 'x').then(() => order.push('file')))
      const timer = sim.process('b', () => sleep(5).then(() => order.push('timer')))
      await Promise.all([file, timer])
      if (order[0] === 'timer') throw new Error('the timer came first')
      throw new Error('the file came first')
    }
    const subject = functionSubject(run, { name: 'either', leftovers: false })
    // The natural order fails as well, in the other way.
    let failure: FoundFailure | null = null
    for (let seed = 1; seed < 40 && failure === null; seed++) failure = await timerFirst(subject, seed)
    const result = (await small(subject, failure!)) as SmallFailure
    expect(result.judged.findings[0]!.message).toContain('the timer came first')
    expect(result.holds.length).toBeGreaterThan(0)
  })

  async function timerFirst(subject: Subject, seed: number): Promise<FoundFailure | null> {
    const [random] = strategiesNamed('random') ?? []
    return fromMacrotask(() => {
      const attempts = new Attempts(subject, 'any', { budget: { schedules: 1, steps: 1 } })
      const strategy = random!.make(seed, { steps: 20, eventsByLane: new Map() })
      const { result, judged } = attempts.play({ seed }, strategy)
      const isOther = judged.findings[0]!.message.includes('the timer came first')
      return isOther ? { variant: { seed }, choices: result.choices, judged } : null
    })
  }

  it('gives the finding that it was made small for as the first, whichever else comes with it', async () => {
    const finding = (check: string) => ({ check, message: 'wrong', clients: [], evidence: [] })
    const findings = [finding('leftovers'), finding('delivery')]
    const judged = { verdict: 'invalid' as const, findings, history: [], clients: 0, faults: [], calls: [] }
    const subject: Subject = {
      name: 'two ways',
      trial: () => ({ run: () => sleep(1), options: {}, judge: () => judged }),
    }
    for (const check of ['leftovers', 'delivery']) {
      const sought = { ...judged, findings: [finding(check)] }
      const result = (await small(subject, {
        variant: { seed: 1 },
        choices: ['start/0'],
        judged: sought,
      })) as SmallFailure
      expect(result.judged.findings.map((each) => each.check)[0]).toBe(check)
      expect(result.judged.findings).toHaveLength(2)
    }
  })

  it('runs nothing twice that did not fail', async () => {
    const finding = { check: 'assertion', message: 'never', clients: [], evidence: [] }
    const attempts = new Attempts(programOf([[{ wait: 1 }]]), finding, { budget: { schedules: 100, steps: 10_000 } })
    const hold = { event: 'timer:w0:1/0', until: 'timer:main:1/0' }
    const asked: [Variant, (typeof hold)[]][] = [
      [{ seed: 1 }, []],
      [{ seed: 1 }, [hold]],
      [{ seed: 2 }, []],
    ]
    for (const [variant, holds] of [...asked, ...asked]) {
      expect(await fromMacrotask(() => attempts.failing(variant, holds))).toBeNull()
    }
    expect(attempts.runs).toBe(asked.length)
  })

  it('finds the failure again before it has spent anything on fewer clients, however many there are', async () => {
    // Only with all of them does it fail, so that each attempt with fewer is in vain.
    const judge = (clients: number): Judged => ({
      verdict: clients === 1000 ? 'invalid' : 'valid',
      findings: clients === 1000 ? [{ check: 'bounds', message: 'too many', clients: [], evidence: [] }] : [],
      history: [],
      clients,
      faults: [],
      calls: [],
    })
    const trial = ({ clients = 1000 }: Variant) => ({ run: () => sleep(1), options: {}, judge: () => judge(clients) })
    const failure = { variant: { seed: 1 }, choices: ['start/0'], judged: judge(1000) }
    const result = (await small({ name: 'crowd', trial }, failure, {
      budget: { schedules: 3, steps: 1 },
    })) as SmallFailure
    expect(result.judged.findings[0]!.check).toBe('bounds')
  })

  it('keeps to its budget, and gives what it has by then', async () => {
    const subject = programOf([
      [{ file: 0 }, { read: true }, { file: 1 }, { write: true }],
      [{ file: 2 }, { read: true }, { wait: 2 }, { write: true }],
    ])
    const failure = (await found(subject, 3)) as FoundFailure
    const tight = (await small(subject, failure, { budget: { schedules: 3, steps: 1 } })) as SmallFailure
    // One more shows what came out, in full.
    expect(tight.runs).toBeLessThanOrEqual(11)
    expect(tight.judged.verdict).toBe('invalid')
  })

  it('is null when the schedule does not come back', async () => {
    const subject = programOf([[{ wait: 1 }], [{ wait: 2 }]])
    const judged: Judged = {
      verdict: 'invalid',
      findings: [{ check: 'assertion', message: 'never', clients: [], evidence: [] }],
      history: [],
      clients: 0,
      faults: [],
      calls: [],
    }
    expect(await small(subject, { variant: { seed: 1 }, choices: ['start/0'], judged })).toBeNull()
  })
})

describe('holds', () => {
  /** Looks, one after the other, beside clocks that are set once. It fails when each look ended after the clock of its turn. */
  const late = functionSubject(
    async (sim: Sim) => {
      const order: string[] = []
      const looks = async () => {
        for (let turn = 0; turn < 3; turn++) await access('/tmp').then(() => order.push(`look ${turn}`))
      }
      const clocks = () => Promise.all([1, 2, 3].map((ms, turn) => sleep(ms).then(() => order.push(`clock ${turn}`))))
      await Promise.all([sim.process('a', looks), sim.process('b', clocks)])
      const isLate = (turn: number) => order.indexOf(`look ${turn}`) > order.indexOf(`clock ${turn}`)
      if ([0, 1, 2].every(isLate)) throw new Error('it was always late')
    },
    { name: 'late', leftovers: true },
  )

  it('that are all needed become one that lasts as long as it must', async () => {
    const holds = [1, 2, 3].map((number) => ({ event: `fs#${number}/0`, until: `timer:b:${number}/0` }))
    const { attempts, found } = await fromMacrotask(() => {
      const any = new Attempts(late, 'any').run({ seed: 1 }, holds)
      const attempts = new Attempts(late, any.judged.findings[0]!, { budget: { schedules: 100, steps: 10_000 } })
      return { attempts, found: attempts.repeated({ seed: 1 }, holds)! }
    })
    expect(found.holds).toHaveLength(3)
    for (const left of holds) {
      const others = holds.filter((hold) => hold !== left)
      expect(await fromMacrotask(() => attempts.failing({ seed: 1 }, others))).toBeNull()
    }
    const few = await fromMacrotask(() => shrinkHolds(attempts, found))
    expect(few.holds.map(({ event, until }) => ({ event, until }))).toEqual([{ event: 'fs#1/0', until: 'timer:b:3/0' }])
  })
})

describe('with fewer clients', () => {
  const lost = { check: 'delivery', message: 'lost', clients: [], evidence: [] }
  const judgedWith = (clients: number, findings: Judged['findings']): Judged => ({
    verdict: findings.length > 0 ? 'invalid' : 'valid',
    findings,
    history: [],
    clients,
    faults: [],
    calls: [],
  })
  const failure: FoundFailure = { variant: { seed: 1 }, choices: ['start/0'], judged: judgedWith(4, [lost]) }

  it('a script that waits for ever is given up long before its time is over', async () => {
    let steps = 0
    const trial = ({ clients = 4 }: Variant) => ({
      run: async () => {
        do await sleep(1)
        while (clients < 3)
      },
      options: {},
      judge: (result: SimResult<unknown>) => {
        steps += result.steps
        return judgedWith(clients, clients < 3 ? [] : [lost])
      },
    })
    const { variant } = (await small({ name: 'waits', trial }, failure)) as SmallFailure
    expect(variant.clients).toBe(3)
    expect(steps).toBeLessThan(20_000)
  })

  it('what was cut off is no failure, whatever a check makes of it', async () => {
    const trial = ({ clients = 4 }: Variant) => ({
      run: async () => {
        do await sleep(1)
        while (clients < 4)
      },
      options: {},
      judge: () => judgedWith(clients, [lost]),
    })
    const { variant } = (await small({ name: 'cut', trial }, failure)) as SmallFailure
    expect(variant.clients).toBeUndefined()
  })

  it('a script that cannot do without them keeps them', async () => {
    const trial = ({ clients = 4 }: Variant) => ({
      run: () => sleep(1),
      options: {},
      judge: () => {
        if (clients < 3) throw new HarnessError('ERR_SCENARIO_INVALID', 'there is no third client')
        return judgedWith(clients, [lost])
      },
    })
    const { variant } = (await small({ name: 'needs three', trial }, failure)) as SmallFailure
    expect(variant.clients).toBe(3)
  })
})

describe('what a failure does not need', () => {
  /** It fails when client 2 is there, with the fault `stall` and the calls `a` and `d`. */
  function subjectWith(needed: { clients: number; faults: string[]; calls: string[] }): Subject {
    const trial = ({ clients = 6, withoutFaults = [], withoutCalls = [] }: Variant) => ({
      run: () => sleep(1),
      options: {},
      judge: (): Judged => {
        const has = (names: readonly string[], without: readonly string[]) =>
          names.every((name) => !without.includes(name))
        const fails = clients >= needed.clients && has(needed.faults, withoutFaults) && has(needed.calls, withoutCalls)
        return {
          verdict: fails ? 'invalid' : 'valid',
          findings: fails ? [{ check: 'delivery', message: 'lost', clients: [], evidence: [] }] : [],
          history: [],
          clients,
          faults: ['reset', 'stall', 'split'],
          calls: ['a', 'b', 'c', 'd', 'e'],
        }
      },
    })
    return { name: 'drawn', trial }
  }

  it('is left out: clients, faults and calls', async () => {
    const subject = subjectWith({ clients: 3, faults: ['stall'], calls: ['a', 'd'] })
    const failure = (await found(subject, 1)) as FoundFailure
    const { variant, holds } = (await small(subject, failure)) as SmallFailure
    expect(holds).toEqual([])
    expect(variant).toMatchObject({
      clients: 3,
      withoutFaults: ['reset', 'split'],
      withoutCalls: ['b', 'c', 'e'],
    })
  })
})
