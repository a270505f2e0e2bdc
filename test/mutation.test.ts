import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'acorn'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packageRoot } from '../harness/entry.ts'
import { Journal } from './mutation/journal.ts'
import { type Fate, Judge } from './mutation/judge.ts'
import type { Look } from './mutation/looks.ts'
import { type Mutant, mutantsOf } from './mutation/mutants.ts'
import { mutationsOf } from './mutation/mutation.ts'
import { optionsOf } from './mutation/options.ts'
import type { ScheduledLook, Seen } from './mutation/scheduled-look.ts'
import type { Surveyed } from './mutation/survey.ts'
import { reasons } from './mutation/survivors.ts'
import { isOff, passes, takeReached, turnOff } from './mutation/switch.ts'
import { switched } from './mutation/switched.ts'
import { mutationTable, withTable } from './mutation/table.ts'

function found(code: string) {
  const tree = parse(code, { ecmaVersion: 'latest', sourceType: 'module' })
  return mutationsOf(tree, code).map((mutation, id) => ({ ...mutation, id }))
}

/** The kinds of what can be taken away, with the code. */
function mutations(code: string): string[] {
  return found(code).map(({ kind, what }) => `${kind}: ${what}`)
}

describe('what can be taken away', () => {
  it('is a lock around a section', () => {
    expect(mutations('locks.run(id, () => accept(spec))')).toEqual(['lock: locks.run(id, () => accept(spec))'])
    expect(mutations('this.jobs.lock.runSync(() => add())')).toEqual(['lock: this.jobs.lock.runSync(() => add())'])
    expect(mutations('this.lockFileOf(path).run(section)')).toEqual(['lock: this.lockFileOf(path).run(section)'])
    expect(mutations('child.run(() => add())')).toEqual([])
  })

  it('is a check that is made under a lock, or once more after an await', () => {
    expect(mutations('f(async () => { await g(); if (gone()) return; h() })')).toEqual(['re-check: if (gone())'])
    expect(mutations('lock.run(() => { if (gone()) return; h() })')).toContain('re-check: if (gone())')
    expect(mutations('f(async () => { if (gone()) return; await g() })')).toEqual([])
  })

  it('is the await of a cleanup, and no other', () => {
    expect(mutations('await pool.close()')).toEqual(['await: await pool.close()'])
    expect(mutations('await pool.open()')).toEqual([])
    expect(mutations('class Pool { async stop() { await this.last } }')).toEqual(['await: await this.last'])
  })

  it('is a bound, in a condition or as an answer, but no refusal of a wrong option', () => {
    expect(mutations('if (plans >= maxPlans) refuse()')).toEqual(['bound: if (plans >= maxPlans)'])
    expect(mutations('function isFull() { return plans >= maxPlans }')).toEqual(['bound: return plans >= maxPlans'])
    expect(mutations('class Cap { constructor(max) { if (max < 1) throw new RangeError() } }')).toEqual([])
  })
})

describe('a module with its mutations in it', () => {
  /** Runs code with the switch in the place of its import. */
  async function run(code: string, scope: object): Promise<unknown> {
    const body = switched(`async () => { ${code} }`, found(`async () => { ${code} }`), 'x').replace(
      /^import [^;]*;/,
      '',
    )
    const names = ['mutationSwitch', ...Object.keys(scope)]
    return new Function(...names, `return (${body})()`)({ isOff, passes }, ...Object.values(scope))
  }

  afterEach(() => {
    turnOff(null)
    takeReached()
    locked.splice(0)
  })

  const nested = 'return lock.run(() => { if (plans >= maxPlans) return "refused"; return "accepted" })'
  const locked: string[] = []
  const scope = (plans: number) => {
    const lock = { run: (section: () => unknown) => [locked.push('locked'), section()][1] }
    return { plans, maxPlans: 2, lock }
  }

  it('does what it did while nothing is off', async () => {
    expect(await run(nested, scope(2))).toBe('refused')
    expect(await run(nested, scope(1))).toBe('accepted')
    expect(locked).toEqual(['locked', 'locked'])
  })

  it('runs the section of a lock that is off at once', async () => {
    turnOff(found(`async () => { ${nested} }`).find(({ kind }) => kind === 'lock')!.id)
    expect(await run(nested, scope(2))).toBe('refused')
    expect(locked).toEqual([])
  })

  it('never passes a test that is off, which is made as ever', async () => {
    const made: number[] = []
    turnOff(0)
    await run('await ready(); if (note()) return; made.push(2)', { ready: () => null, note: () => made.push(1), made })
    expect(made).toEqual([1, 2])
  })

  it('lets everything pass a test that is off, where all else is refused', async () => {
    turnOff(0)
    const code = 'await ready(); if (isThere) return "in"; throw new Error("refused")'
    expect(await run(code, { ready: () => null, isThere: false })).toBe('in')
  })

  it('waits for no cleanup that is off', async () => {
    const order: string[] = []
    const pool = { close: () => Promise.resolve().then(() => order.push('closed')) }
    turnOff(0)
    await run('await pool.close(); order.push("went on")', { pool, order })
    expect(order[0]).toBe('went on')
  })

  it('lets everything through a bound that is off', async () => {
    turnOff(0)
    expect(await run('if (works < maxActive) return "in"; return "out"', { works: 9, maxActive: 1 })).toBe('in')
  })

  it('tells which places were reached, a test only when it was passed', async () => {
    const ids = (kind: string) =>
      found(`async () => { ${nested} }`).flatMap((one) => (one.kind === kind ? [one.id] : []))
    await run(nested, scope(1))
    expect(takeReached()).toEqual(ids('lock'))
    await run(nested, scope(2))
    expect(takeReached()).toEqual(expect.arrayContaining([...ids('lock'), ...ids('bound')]))
  })
})

describe('who looks for a mutant', () => {
  const mutant = { id: 1, file: 'reference-impl/state/job.js' } as Mutant

  function surveyed(scenario: string, schedules: number[], cpuMs: number): Surveyed {
    const look: Look = { scenario, target: 'state', world: 'sim', module: scenario }
    return { look, reaching: new Map(schedules.length > 0 ? [[1, schedules]] : []), cpuMs }
  }

  /** Judges a mutant, and says who looked, in their order. */
  async function looked(all: Surveyed[], noticedBy: string) {
    const asked: ScheduledLook[] = []
    const look = async (task: ScheduledLook): Promise<Seen> => {
      asked.push(task)
      return { wrong: task.module === noticedBy ? 'delivery' : null, unjudged: [], reached: [], cpuMs: 1 }
    }
    const judge = new Judge(all, { seed: 7, schedules: 40 })
    const fate = await judge.judge(mutant, { look })
    return { judge, fate, asked, process: { look } }
  }

  it('is who reaches its place, with the schedules that do, the quickest first', async () => {
    const { asked, fate } = await looked(
      [surveyed('slow', [3, 5], 9), surveyed('far', [], 1), surveyed('quick', [2], 1)],
      '',
    )
    expect(asked.map(({ module, schedules }) => [module, schedules])).toEqual([
      ['quick', [2]],
      ['slow', [3, 5]],
    ])
    expect(fate).toMatchObject({ notice: null, reachedBy: ['quick', 'slow'] })
  })

  it('is at first who noticed the last one of the same file, and nobody after the first notice', async () => {
    const { judge, asked, process } = await looked([surveyed('slow', [3], 9), surveyed('quick', [2], 1)], 'slow')
    asked.splice(0)
    const { notice } = await judge.judge(mutant, process)
    expect(notice).toEqual({ scenario: 'slow', world: 'sim', by: 'delivery' })
    expect(asked.map(({ module }) => module)).toEqual(['slow'])
  })
})

describe('the journal', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'raceproof-journal-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const survived: Fate = { notice: null, reachedBy: [], unjudged: [], live: false }

  it('remembers the last word on each mutant, also of a run that was cut off', () => {
    const path = join(folder, 'journal.jsonl')
    const first = new Journal(path)
    first.write({ key: 'a' }, survived)
    first.write({ key: 'b' }, survived)
    first.write({ key: 'a' }, { ...survived, live: true })
    const again = new Journal(path)
    expect(again.fateOf({ key: 'a' })).toEqual({ ...survived, live: true })
    expect(again.fateOf({ key: 'b' })).toEqual(survived)
    expect(again.fateOf({ key: 'c' })).toBeNull()
  })
})

describe('the table of mutants', () => {
  const mutant = { key: 'k', place: 'reference-impl/state/job.ts:3', kind: 'lock', what: 'a || b' } as Mutant

  it('says what noticed a mutant, and of a survivor how many could have', () => {
    const notice = { scenario: 'state-storm', world: 'sim', by: 'linearizable' } as const
    const fate = { notice: null, reachedBy: [], unjudged: [], live: false }
    const table = mutationTable([
      { mutant, fate: { ...fate, notice } },
      { mutant, fate },
      { mutant, fate: { ...fate, reachedBy: ['one', 'other'], unjudged: ['other'] } },
    ])
    expect(table).toContain('1 of 3 were noticed, 2 survived.')
    expect(table).toContain('| state/job.ts:3 | lock | `a \\|\\| b` | killed: linearizable (state-storm, sim) |')
    expect(table).toContain('survived, no scenario runs it: no reason is known')
    expect(table).toContain('survived, 2 scenarios run it (other could not judge any more): no reason is known')
  })

  it('takes the place of the one that was there, and leaves the rest', () => {
    const once = withTable('# Record\n', 'first')
    const twice = withTable(`${once}\nafterwards\n`, 'second')
    expect(twice).toContain('# Record\n')
    expect(twice).toContain('second')
    expect(twice).not.toContain('first')
    expect(twice).toContain('afterwards')
  })
})

describe('the reasons for survivors', () => {
  it('are of mutants that there are', () => {
    const keys = new Set(mutantsOf(join(packageRoot, 'dist')).map(({ key }) => key))
    expect(keys.size).toBeGreaterThan(100)
    expect(Object.keys(reasons).filter((key) => !keys.has(key))).toEqual([])
  })
})

describe('the command', () => {
  it('refuses what is no number, and what it does not know', () => {
    expect(optionsOf(['plan-registry', '--schedules', '9'])).toMatchObject({ parts: ['plan-registry'], schedules: 9 })
    expect(() => optionsOf(['--seconds', 'many'])).toThrow("expected a whole number above 0 for --seconds, got 'many'")
    expect(() => optionsOf(['--fast'])).toThrow("'--fast'")
  })
})
