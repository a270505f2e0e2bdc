import { type Figure, median } from './figure.ts'
import { seek } from './shrink/seek.ts'
import type { Sought } from './shrink/shrunk.ts'

/** Defects that races show, each with a scenario that finds it. */
const defects = [
  { scenario: 'hasty-delete', defect: 'process-double-cleanup' },
  { scenario: 'slow-reader-cleanup', defect: 'late-output-lost' },
  { scenario: 'rapid-create-delete', defect: 'stream-cleanup-toctou' },
  { scenario: 'dual-transport-session', defect: 'session-double-init' },
] as const

const seeds = 20
const holdsAtMost = 2
const msAtMost = 1000

/** How small failures become, and what that takes: for each of four defects the medians over 20 seeds. */
export async function figures(): Promise<Figure[]> {
  const measured: Figure[] = []
  for (const { scenario, defect } of defects) measured.push(...figuresOf(defect, await seek(scenario, defect, seeds)))
  return measured
}

function figuresOf(defect: string, all: readonly Sought[]): Figure[] {
  const found = all.flatMap(({ small }) => small ?? [])
  const alone = { peer: null, peerValue: null, ratio: null }
  const holds = median(found.map((one) => one.holds))
  const cpuMs = median(found.map((one) => one.cpuMs))
  const same = found.reduce((sum, { sameReplays }) => sum + sameReplays, 0)
  return [
    figure(`shrink: ${defect}, failures made small`, found.length, 'of 20', `${seeds}`, found.length === seeds),
    figure(`shrink: ${defect}, holds`, holds, 'holds', `≤ ${holdsAtMost}`, holds <= holdsAtMost),
    figure(`shrink: ${defect}, processor time`, cpuMs, 'ms', `≤ ${msAtMost} ms`, cpuMs <= msAtMost),
    figure(`shrink: ${defect}, replays that are the same`, same, 'of 100', '100', same === 100),
  ]

  function figure(name: string, value: number, unit: string, goal: string, met: boolean): Figure {
    return { name, value, unit, ...alone, goal, met }
  }
}
