import { describe, expect, it } from 'vitest'
import { LineSplitter } from '../../../harness/live/line-splitter.ts'

function split(chunks: readonly Buffer[]): string[] {
  const lines: string[] = []
  const splitter = new LineSplitter((line) => lines.push(line))
  for (const chunk of chunks) splitter.push(chunk)
  splitter.end()
  return lines
}

describe('the line splitter', () => {
  const message = '{"text":"größer \u2028 und \u0085 weiter"}'

  it('gives the same lines wherever the chunks end, even inside a character', () => {
    const bytes = Buffer.from(`${message}\n\n${message}\n`)
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(split([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual([message, '', message])
    }
  })

  it('takes the carriage return of a line end for no part of the line', () => {
    expect(split([Buffer.from('a\r\nb\r'), Buffer.from('\nc\rd\n')])).toEqual(['a', 'b', 'c\rd'])
  })

  it('hands over a last line without a line feed at the end', () => {
    expect(split([Buffer.from('a\nb')])).toEqual(['a', 'b'])
  })
})
