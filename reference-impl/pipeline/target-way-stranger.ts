import { Refusal } from './client/refusal.ts'

/** The plan that was meant is gone, and another life of its id let the watcher in: its events are not what was asked for. */
export function strangerTo(meant: string, stream: string): Refusal {
  return new Refusal(410, `410: ${meant} is gone, its id now belongs to ${stream || 'a plan without a name'}`)
}
