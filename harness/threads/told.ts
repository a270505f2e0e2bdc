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

/** Fewer steps of one thread that say the same, as those of a loop that spins, are all shown. */
const fewestRepeats = 5

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
  const draw = (cell: string, at: number) => {
    const columns = Array.from({ length: threads }, (_, thread) => (thread === steps[at]!.thread ? cell : ''))
    const row = columns.map((column) => column.padEnd(width)).join('')
    return `${String(at + 1).padStart(4)}  ${at === decisive ? row + mark : row}`.trimEnd()
  }
  const isAgain = (at: number) => steps[at]?.thread === steps[at - 1]?.thread && cells[at] === cells[at - 1]
  const rows = runsOf(steps.length, isAgain).flatMap(([first, last]) => {
    const shown = cells.slice(first, last + 1).map((cell, place) => draw(cell, first + place))
    return shown.length < fewestRepeats ? shown : [shown[0]!, `      … ${shown.length - 2} times more`, shown.at(-1)!]
  })
  return [`      ${heads}`.trimEnd(), ...rows]
}

/** The first and the last place of each run of places that say the same again. */
function runsOf(length: number, isAgain: (at: number) => boolean): [number, number][] {
  const runs: [number, number][] = []
  for (let at = 0; at < length; at++) {
    const run = runs.at(-1)
    if (run !== undefined && isAgain(at)) run[1] = at
    else runs.push([at, at])
  }
  return runs
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
