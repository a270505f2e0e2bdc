import type { Call } from 'raceproof'

/**
 * Which calls begin and end the life of a plan's stream, for `check.delivery({ lifetime: planLife })`: from the answer
 * that accepts it until somebody asks for its deletion, a subscriber must be let in.
 */
export function planLife({ f, input, outcome }: Call): { stream: string; event: 'begins' | 'ends' } | null {
  if (f === 'deletePlan') return { stream: (input as { stream: string }).stream, event: 'ends' }
  if (f !== 'createPlan' || outcome.type !== 'ok') return null
  return { stream: (outcome.output as { stream: string }).stream, event: 'begins' }
}
