import { parse } from 'acorn'
import { describe, expect, it } from 'vitest'
import { mutationsOf } from './mutation/mutation.ts'
import { withTable } from './mutation/table.ts'

/** The code after each of its mutations, on one line. */
function mutants(code: string): string[] {
  const tree = parse(code, { ecmaVersion: 'latest', sourceType: 'module' })
  return mutationsOf(tree, code).map(({ from, to, text }) => code.slice(0, from) + text + code.slice(to))
}

describe('a mutation takes away', () => {
  it('a lock, so that its section runs at once', () => {
    expect(mutants('await locks.run(id, () => accept(spec))')).toEqual(['await (async () => (() => accept(spec))())()'])
    expect(mutants('const job = this.jobs.lock.runSync(() => add())')).toEqual(['const job = (() => add())()'])
    expect(mutants('child.run(() => add())')).toEqual([])
  })

  it('a check that is made under a lock, or once more after an await', () => {
    expect(mutants('f(async () => { await g(); if (gone()) return; h() })')).toEqual([
      'f(async () => { await g(); if (false) return; h() })',
    ])
    expect(mutants('lock.run(() => { if (gone()) return; h() })')).toContain(
      'lock.run(() => { if (false) return; h() })',
    )
    expect(mutants('f(async () => { if (gone()) return; await g() })')).toEqual([])
  })

  it('the await of a cleanup, and of nothing else', () => {
    expect(mutants('await pool.close()')).toEqual(['void (pool.close())'])
    expect(mutants('await pool.open()')).toEqual([])
    expect(mutants('class Pool { async stop() { await this.last } }')).toEqual([
      'class Pool { async stop() { void (this.last) } }',
    ])
  })

  it('a bound, but no refusal of a wrong option', () => {
    expect(mutants('if (plans >= maxPlans) refuse()')).toEqual(['if (false) refuse()'])
    expect(mutants('class Cap { constructor(max) { if (max < 1) throw new RangeError() } }')).toEqual([])
  })
})

describe('the table of mutants', () => {
  it('takes the place of the one that was there, and leaves the rest', () => {
    const once = withTable('# Record\n', 'first')
    const twice = withTable(`${once}\nafterwards\n`, 'second')
    expect(twice).toContain('# Record\n')
    expect(twice).toContain('second')
    expect(twice).not.toContain('first')
    expect(twice).toContain('afterwards')
  })
})
