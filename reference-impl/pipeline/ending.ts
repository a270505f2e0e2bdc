import { type EventData, type LineCounts, StreamEvent } from './stream-event.ts'

/** How a plan ends. */
export interface Ending {
  type: 'completed' | 'failed' | 'deleted'
  reason: string | null
  exitCode: number | null
  signal: string | null
  /** How many lines were read of each source; null when nobody can say. */
  lines: LineCounts | null
}

/** The terminal event that tells of the ending. */
export function endingEvent(id: number, ending: Ending): StreamEvent {
  return new StreamEvent(id, ending.type, JSON.stringify(endingData(ending)))
}

function endingData({ type, reason, exitCode, signal, lines }: Ending): EventData['completed' | 'failed' | 'deleted'] {
  if (type === 'deleted') return {}
  if (type === 'completed') return { exitCode: exitCode ?? 0, lines }
  return { reason: reason ?? 'no reason was given', exitCode, signal, lines }
}
