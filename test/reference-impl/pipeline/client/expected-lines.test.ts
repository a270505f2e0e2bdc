import type { History } from 'raceproof'
import { describe, expect, it } from 'vitest'
import type { PlanOrder } from '../../../../reference-impl/pipeline/target-client.ts'
import { everyLine } from '../../../../reference-impl/pipeline/target-expected-lines.ts'

/** A history in which one plan was created, with the stream `p#1`. */
function created(order: PlanOrder): History {
  const call = { client: 'c0', call: 0, f: 'createPlan' } as const
  return [
    { type: 'invoke', timeMs: 0, ...call, input: { marker: 'm', ...order } },
    { type: 'ok', timeMs: 1, ...call, output: { stream: 'p#1' } },
  ]
}

/** What a subscriber saw: lines as `out 1 of 2`, `err 1 of 1`, and the terminal event as its type. */
function saw(...texts: string[]) {
  return texts.map((text, index) => {
    const [source, ...rest] = text.split(' ')
    if (rest.length === 0) return { id: index + 1, kind: text, data: {} }
    const data = { source: source === 'out' ? 'stdout' : 'stderr', line: `line ${rest.join(' ')}` }
    return { id: index + 1, kind: 'log', data }
  })
}

const judge = (order: PlanOrder, ...texts: string[]) => everyLine()(created(order), 'p#1', saw(...texts))

describe('everyLine', () => {
  it('has nothing to say when all lines of a completed plan came, those of both pipes in any mixture', () => {
    expect(
      judge({ lines: 2, stderrLines: 1 }, 'out 1 of 2', 'err 1 of 1', 'out 2 of 2', 'progress', 'completed'),
    ).toBeNull()
  })

  it('names the lines that a completed plan did not deliver', () => {
    expect(judge({ lines: 4 }, 'out 1 of 4', 'out 2 of 4', 'completed')).toBe(
      'completed with 2 of the 4 lines of stdout that were asked for: lines 3–4 never came',
    )
    expect(judge({ lines: 1, stderrLines: 1 }, 'out 1 of 1', 'completed')).toContain('line 1 never came')
  })

  it('knows that a plan prints 20 lines unless it is told', () => {
    expect(judge({}, 'completed')).toContain('0 of the 20 lines of stdout')
  })

  it.each(['failed', 'deleted'])('is content with a prefix when the plan %s', (ending) => {
    expect(judge({ lines: 4 }, 'out 1 of 4', ending)).toBeNull()
  })

  it.each([
    ['a hole', ['out 1 of 4', 'out 3 of 4', 'failed'], "stdout: expected line 2 of 4, got 'line 3 of 4'"],
    ['a second copy', ['out 1 of 4', 'out 1 of 4', 'failed'], "stdout: expected line 2 of 4, got 'line 1 of 4'"],
    ["another plan's line", ['out 1 of 7', 'deleted'], "stdout: expected line 1 of 4, got 'line 1 of 7'"],
  ])('finds %s in whatever came', (_, texts, complaint) => {
    expect(judge({ lines: 4 }, ...texts)).toBe(complaint)
  })

  it('finds a line beyond the last one', () => {
    expect(judge({ lines: 1 }, 'out 1 of 1', 'out 2 of 1', 'completed')).toContain('expected line 2 of 1')
  })

  it('takes padding for what it is, and nothing else behind a number', () => {
    expect(judge({ lines: 1 }, 'out 1 of 1 .....', 'completed')).toBeNull()
    expect(judge({ lines: 1 }, 'out 1 of 12', 'completed')).toContain("got 'line 1 of 12'")
  })

  it('cannot know what a command of its own prints, nor what a plan that nobody created does', () => {
    expect(judge({ command: ['date'] }, 'out 5 of 9', 'completed')).toBeNull()
    expect(everyLine()(created({ lines: 1 }), 'q#1', saw('completed'))).toBeNull()
  })
})
