import { describe, expect, it } from 'vitest'
import { list, sql } from '../../../reference-impl/pipeline/sql.ts'

const numbered = (position: number) => `$${position}`

describe('a statement', () => {
  it('keeps values out of its text', () => {
    const statement = sql`SELECT * FROM plans WHERE id = ${"'; DROP TABLE plans"} LIMIT ${5}`
    expect(statement.text(() => '?')).toBe('SELECT * FROM plans WHERE id = ? LIMIT ?')
    expect(statement.values).toEqual(["'; DROP TABLE plans", 5])
  })

  it('numbers its placeholders through the statements inside it', () => {
    const inner = sql`(${1}, ${2})`
    const statement = sql`INSERT ${list([inner, inner])} WHERE x = ${null}`
    expect(statement.text(numbered)).toBe('INSERT ($1, $2), ($3, $4) WHERE x = $5')
    expect(statement.values).toEqual([1, 2, 1, 2, null])
  })

  it('may have no values at all', () => {
    expect(sql`COMMIT`.text(numbered)).toBe('COMMIT')
    expect(sql`COMMIT`.values).toEqual([])
  })
})
