import { HarnessError } from '../errors.ts'

/** The choices of a schedule as a text to paste back: `0*5,1*3` is five steps of thread 0 and then three of thread 1. */
export function choicesToken(choices: readonly number[]): string {
  const runs: [thread: number, steps: number][] = []
  for (const thread of choices) {
    const last = runs.at(-1)
    if (last?.[0] === thread) last[1]++
    else runs.push([thread, 1])
  }
  return runs.map(([thread, steps]) => `${thread}*${steps}`).join(',')
}

/** The choices that a text stands for, an empty one none. Throws `ERR_USAGE` when it is not one that {@link choicesToken} makes. */
export function parseChoices(token: string): number[] {
  if (token === '') return []
  return token.split(',').flatMap((run) => {
    const [, thread, steps] = /^(\d+)\*(\d{1,6})$/.exec(run) ?? []
    if (thread === undefined) {
      throw new HarnessError(
        'ERR_USAGE',
        `replay: expected steps such as '0*5,1*3', got '${token}'; take what the message of a failure says`,
      )
    }
    return Array.from({ length: Number(steps) }, () => Number(thread))
  })
}
