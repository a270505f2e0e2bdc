/** What a run was told, as far as it takes to tell it again. */
export interface Replayed {
  /** The scenario's name or path. */
  argument: string
  world: string
  seed: number
  target: string | undefined
  defect: string | null
  clients: number | undefined
  seconds: number | undefined
  schedules?: number | undefined
  strategy?: string | undefined
}

/** The command that runs one scenario again, ready to be pasted into a shell. */
export function replayCommand({ argument, defect, ...rest }: Replayed): string {
  const { world, seed, target, clients, seconds, schedules, strategy } = rest
  const told = { world, seed, target, defect: defect ?? undefined, clients, seconds, schedules, strategy }
  const flags = Object.entries(told)
    .filter(([, value]) => value !== undefined)
    .flatMap(([flag, value]) => [`--${flag}`, quoted(String(value))])
  return ['raceproof', 'run', quoted(argument), ...flags].join(' ')
}

/** The command that shows a saved failure again. */
export function replayReproCommand(path: string): string {
  return `raceproof replay ${quoted(path)}`
}

/** A word as a shell reads it back. */
function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
