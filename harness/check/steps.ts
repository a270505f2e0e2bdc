import type { History } from '../history/event.ts'

/** Tells whether a time lies within a run of a step, or one of several. */
export type Within = (timeMs: number) => boolean

/** All runs of a step together, of all rounds; null when the history has no such step. */
export function withinStep(history: History, name: string): Within | null {
  const runs = runsOfStep(history, name)
  return runs.length === 0 ? null : (timeMs) => runs.some((within) => within(timeMs))
}

/** The runs of a step, in their order: as a rule one in each round. */
export function runsOfStep(history: History, name: string): Within[] {
  const windows: { fromMs: number; untilMs: number }[] = []
  for (const event of history) {
    if (event.type !== 'step' || event.name !== name) continue
    if (event.action === 'begin') windows.push({ fromMs: event.timeMs, untilMs: Number.POSITIVE_INFINITY })
    else if (windows.length > 0) windows.at(-1)!.untilMs = event.timeMs
  }
  return windows.map(
    ({ fromMs, untilMs }) =>
      (timeMs) =>
        fromMs <= timeMs && timeMs <= untilMs,
  )
}
