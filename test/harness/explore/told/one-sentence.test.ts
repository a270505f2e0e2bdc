import { describe, expect, it } from 'vitest'
import { inFoundOrder, inOneSentence } from '../../../../harness/explore/told/one-sentence.ts'
import type { Row, RowPart, TimeLine } from '../../../../harness/explore/told/time-line.ts'

const holds = [{ event: 'fs#1/0', until: 'fs#2/0' }]
const findings = [{ check: 'delivery', message: 'an event was lost', clients: [], evidence: [] }]

/** A time-line of rows that each stand for one part, of the held event or of another. */
function timeLine(...parts: RowPart[]): TimeLine {
  const rows = parts.map((part, index): Row => {
    const key = part === 'due' || part === 'held' ? 'fs#1/0' : part === 'awaited' ? 'fs#2/0' : null
    const what = part === 'awaited' ? 'the stream is closed' : 'the last line is read'
    return { time: index + 1, step: index, timeMs: index, actor: 'server', key, what, part }
  })
  return { actors: ['server'], rows, programs: [], steps: parts.length, leftOut: 0 }
}

const timesIn = (sentence: string) => [...sentence.matchAll(/Time (\d+):/g)].map(([, time]) => Number(time))

describe('a failure in one sentence', () => {
  it('tells what came first, what came only then, and what was wrong', () => {
    expect(inOneSentence(timeLine('due', 'awaited', 'held', 'failure'), findings, holds)).toBe(
      'Time 2: in server, the stream is closed. Time 3: only now in server, the last line is read, which could have been at Time 1. Time 4: an event was lost.',
    )
  })

  it('never runs backwards: what is held until after the failure is told where it could have been', () => {
    const sentence = inOneSentence(timeLine('due', 'failure', 'awaited', 'held'), findings, holds)
    expect(sentence).toBe(
      'Time 1: in server, the last line is read could have been, and comes only at Time 4. Time 2: an event was lost.',
    )
  })

  it.each<RowPart[][]>([
    [['due', 'awaited', 'failure', 'held']],
    [['due', 'due', 'failure', 'awaited', 'held']],
    [['failure', 'due', 'awaited', 'held']],
    [['due', 'awaited', 'failure']],
    [['due', 'held', 'awaited', 'failure']],
  ])('tells of %j in the order of time, and nothing that comes after the failure', (parts) => {
    const told = timesIn(inOneSentence(timeLine(...parts), findings, holds))
    expect(told).toEqual([...told].sort((one, other) => one - other))
    expect(told.at(-1)).toBe(parts.indexOf('failure') + 1)
  })

  it('says of a held event that never comes that it never came', () => {
    expect(inOneSentence(timeLine('due', 'awaited', 'failure'), findings, holds)).toContain(
      'the last line is read could have been, and never came',
    )
  })

  it('does not claim the natural order for what is only known in the order in which it was found', () => {
    const line = timeLine('step', 'failure')
    expect(inOneSentence(line, findings, [])).toContain('natural order')
    expect(inFoundOrder(line, findings)).toBe(
      'No few events held back bring it about, so that it is told in the order in which it was found. Time 2: an event was lost.',
    )
  })
})
