import type { ThreadFinding } from './detect/finding.ts'

/** One step of a schedule, as it is told. */
export interface ToldStep {
  readonly thread: number
  /** The operation and what came of it. */
  readonly text: string
  /** Where the code asks for it, as file:line:column. */
  readonly place: string | null
  /** Another thread goes on although the last one could have. */
  readonly interrupts: boolean
}

export interface Told {
  readonly finding: ThreadFinding
  readonly steps: readonly ToldStep[]
  readonly threads: number
  readonly schedule: number
  readonly replay: string
  /** What real workers made of it; null when they were not asked. */
  readonly confirmation: string | null
}

const mark = '◀ here another thread comes between'

/** A failure in one column per thread, its steps from top to bottom, with the switch that decides it marked. */
export function tellFailure({ finding, steps, threads, schedule, replay, confirmation }: Told): string {
  const head = `${finding.kind}: ${finding.message}`
  const about = [`schedule ${schedule}, replay: '${replay}'`, ...(confirmation === null ? [] : [confirmation])]
  return [head, ...about, '', ...drawColumns(steps, threads)].join('\n')
}

/** Steps from top to bottom, each in the column of its thread, with the switch that decides marked. */
export function drawColumns(steps: readonly ToldStep[], threads: number): string[] {
  const decisive = steps.findLastIndex(({ interrupts }) => interrupts)
  const cells = steps.map(({ text, place }) => (place === null ? text : `${text}  ${shortened(place)}`))
  const width = Math.max(12, ...cells.map((cell) => cell.length)) + 2
  const heads = Array.from({ length: threads }, (_, thread) => `thread ${thread}`.padEnd(width)).join('')
  const rows = cells.map((cell, at) => {
    const columns = Array.from({ length: threads }, (_, thread) => (thread === steps[at]!.thread ? cell : ''))
    const row = columns.map((column) => column.padEnd(width)).join('')
    return `${String(at + 1).padStart(4)}  ${at === decisive ? row + mark : row}`.trimEnd()
  })
  return [`      ${heads}`.trimEnd(), ...rows]
}

/** The steps, those marked by which a thread comes between what another one does. */
export function withInterruptions(steps: readonly ToldStep[]): ToldStep[] {
  return steps.map((step, at) => ({ ...step, interrupts: interruptsAt(steps, at) }))
}

/** Whether a step is by another thread than the one before, which later goes on. */
function interruptsAt(steps: readonly ToldStep[], at: number): boolean {
  const before = steps[at - 1]?.thread
  if (before === undefined || before === steps[at]!.thread) return false
  return steps.slice(at).some(({ thread }) => thread === before)
}

/** The last name of a path is enough to find the line. */
function shortened(place: string): string {
  return place.slice(place.lastIndexOf('/') + 1).replace(/:\d+$/, '')
}
