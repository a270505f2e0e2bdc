import { describe, expect, it } from 'vitest'
import { EncodedTable, TableFull } from '../../../reference-impl/state/encoded-table.ts'
import type { Json } from '../../../reference-impl/state/json.ts'

/** Two threads' views of one table. */
function twoViews(capacityBytes = 4096): [EncodedTable, EncodedTable] {
  const table = new EncodedTable('test', capacityBytes)
  return [table, new EncodedTable('test', capacityBytes, table.buffer)]
}

describe('an encoded table', () => {
  it('gives back each kind of JSON value as it was set', () => {
    const table = new EncodedTable('test', 4096)
    const values: Record<string, Json> = {
      null: null,
      true: true,
      number: 1.5,
      text: 'ä → 🙂',
      list: [1, [2]],
      object: { a: { b: [] } },
      'kéy 🗝': 'x',
      '': 'empty',
    }
    table.setAll(Object.entries(values))
    expect(Object.fromEntries(table.keys().map((key) => [key, table.get(key)]))).toEqual(values)
    expect(table.get('absent')).toBeUndefined()
  })

  it('shows one view what the other has written, replaced, deleted and cleared', () => {
    const [one, other] = twoViews()
    one.setAll([
      ['a', 1],
      ['b', 2],
    ])
    expect(other.keys()).toEqual(['a', 'b'])
    other.setAll([['a', 3]])
    expect(one.get('a')).toBe(3)
    expect(one.delete('b')).toBe(true)
    expect(other.has('b')).toBe(false)
    expect(other.size).toBe(1)
    other.clear()
    expect(one.size).toBe(0)
    expect(one.delete('a')).toBe(false)
    one.setAll([['c', 4]])
    expect(other.get('c')).toBe(4)
  })

  it('makes room by forgetting what was replaced, in all views', () => {
    const [one, other] = twoViews(200)
    one.setAll([['kept', 'x'.repeat(40)]])
    for (let turn = 0; turn < 100; turn++) {
      const [writer, reader] = turn % 2 ? [one, other] : [other, one]
      writer.setAll([['counter', turn]])
      expect(reader.get('counter')).toBe(turn)
    }
    expect(other.get('kept')).toBe('x'.repeat(40))
    expect(one.keys()).toEqual(['kept', 'counter'])
  })

  it('says what is needed when the values do not fit, and keeps what it had', () => {
    const table = new EncodedTable('services', 64)
    table.setAll([['a', 'first']])
    expect(() =>
      table.setAll([
        ['b', 1],
        ['c', 'x'.repeat(60)],
      ]),
    ).toThrow(TableFull)
    expect(() => table.setAll([['c', 'x'.repeat(60)]])).toThrow(
      /services: the values need \d+ bytes .* has 64; delete what is old/,
    )
    expect(table.keys()).toEqual(['a'])
    expect(table.get('a')).toBe('first')
  })

  it('replaces a value that fills the table', () => {
    const table = new EncodedTable('test', 64)
    table.setAll([['a', 'x'.repeat(50)]])
    table.set('a', 'y'.repeat(50))
    expect(table.get('a')).toBe('y'.repeat(50))
  })

  it('can delete when there is no room left', () => {
    const table = new EncodedTable('test', 64)
    table.setAll([
      ['a', 'x'.repeat(18)],
      ['b', 'y'.repeat(18)],
    ])
    expect(table.delete('a')).toBe(true)
    expect(table.keys()).toEqual(['b'])
    expect(table.get('b')).toBe('y'.repeat(18))
  })

  it('refuses what JSON cannot say', () => {
    const table = new EncodedTable('test', 64)
    expect(() => table.setAll([['a', undefined as unknown as Json]])).toThrow(
      /expected a JSON value for 'a', got undefined/,
    )
    expect(table.size).toBe(0)
  })
})
