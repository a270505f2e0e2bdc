import type { SimResult } from '../../sim/simulate.ts'
import type { TracedStep } from './step-in-words.ts'

/** The steps of a trace; a line that tells of bytes which came along with a step is none. */
export function tracedSteps({ trace, nodes }: Pick<SimResult<unknown>, 'trace' | 'nodes'>): TracedStep[] {
  const steps: TracedStep[] = []
  for (const [index, line] of trace.entries()) {
    const [, timeMs, key, label] = /^(\d+(?:\.\d+)?) (.+?\/\d+) (.*)$/s.exec(line) ?? []
    if (timeMs === undefined || key === undefined || label === undefined) continue
    steps.push({ step: steps.length, timeMs: Number(timeMs), key, label, node: nodes[index] ?? '' })
  }
  return steps
}
