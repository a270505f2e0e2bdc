import type { Phase } from '../history/event.ts'

/** What is going on in a run. */
export type Progress = LiveProgress | SchedulesProgress

export interface LiveProgress {
  world: 'live'
  phase: Phase
  round: number
  /** How many rounds there will be, as far as that can be told. */
  rounds: number
  calls: number
  /** Calls that have not ended. */
  open: number
  findings: number
}

/** Of the worlds in which schedules are explored. */
export type SchedulesProgress = SimProgress | ThreadsProgress

export interface ThreadsProgress extends Omit<SimProgress, 'world'> {
  world: 'threads'
}

export interface SimProgress {
  world: 'sim'
  /** Schedules that were run, and how many there will be at most. */
  schedules: number
  most: number
  /** What is done with them. */
  doing: 'exploring' | 'shrinking'
}
