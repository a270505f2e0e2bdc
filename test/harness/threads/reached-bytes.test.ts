import { describe, expect, it } from 'vitest'
import { reachedBy } from '../../../harness/threads/reached-bytes.ts'

const memory = new SharedArrayBuffer(32)
const words = new Int32Array(memory)
const view = new DataView(memory)
const buffer = Buffer.from(memory)

/** What a call reaches, as `read 0-4`, one after the other. */
function told(target: ArrayBufferView, name: string, ...args: unknown[]): string {
  return reachedBy(target, { name, args })
    .map(({ kind, from, to }) => `${kind} ${from}-${to}`)
    .join(', ')
}

describe('a method reaches', () => {
  it.each<[string, ArrayBufferView, string, unknown[]]>([
    ['write 4-20', words, 'fill', [7, 1, -3]],
    ['write 0-32', words, 'fill', [7]],
    ['write 8-16', words, 'set', [[1, 2], 2]],
    ['write 8-16, read 0-8', words, 'set', [new Int32Array(memory, 0, 2), 2]],
    ['read 28-32', words, 'at', [-1]],
    ['read 0-0', words, 'at', [99]],
    ['read 8-32', words, 'slice', [2]],
    ['read 0-32', words, 'includes', [1]],
    ['write 0-32', words, 'sort', []],
    ['', words, 'subarray', [0, 2]],
    ['read 6-8', view, 'getInt16', [6]],
    ['write 8-16', view, 'setBigUint64', [8, 1n]],
    ['read 0-0', view, 'getInt32', [99]],
    ['read 4-8', buffer, 'readInt32LE', [4]],
    ['write 4-12', buffer, 'writeDoubleBE', [1, 4]],
    ['read 2-5', buffer, 'readUIntBE', [2, 3]],
    ['read 3-9', buffer, 'toString', ['utf8', 3, 9]],
    ['write 2-6', buffer, 'write', ['äö', 2]],
    ['read 0-4, write 8-12', buffer, 'copy', [buffer, 8, 0, 4]],
    ['', buffer, 'slice', [0, 4]],
  ])('%s', (expected, target, name, args) => {
    expect(told(target, name, ...args)).toBe(expected)
  })
})
