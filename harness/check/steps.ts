import type { History } from '../history/event.ts'

/** Tells whether a time lies within one of the runs of a step. */
export type Within = (timeMs: number) => boolean

/** The runs of a step in all rounds; null when the history has no such step. */
export function withinStep(history: History, name: string): Within | null {
  const windows: { fromMs: number; untilMs: number }[] = []
  for (const event of history) {
    if (event.type !== 'step' || event.name !== name) continue
    if (event.action === 'begin') windows.push({ fromMs: event.timeMs, untilMs: Number.POSITIVE_INFINITY })
    else if (windows.length > 0) windows.at(-1)!.untilMs = event.timeMs
  }
  if (windows.length === 0) return null
  return (timeMs) => windows.some(({ fromMs, untilMs }) => fromMs <= timeMs && timeMs <= untilMs)
}
