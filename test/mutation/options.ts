import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

/** What is asked for on the command line. */
export interface Options {
  /** Parts of the places whose mutants are tried; none for all. */
  readonly parts: readonly string[]
  readonly schedules: number
  readonly seconds: number
  readonly seed: number
  readonly workers: number
  /** Whether what earlier runs found is forgotten. */
  readonly anew: boolean
  /** Whether live scenarios look for what the others did not notice. */
  readonly live: boolean
}

/** Throws when an option does not exist, or is no whole number above 0. */
export function optionsOf(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      schedules: { type: 'string', default: '40' },
      seconds: { type: 'string', default: '3' },
      seed: { type: 'string', default: '7' },
      workers: { type: 'string', default: String(availableParallelism()) },
      anew: { type: 'boolean', default: false },
      'no-live': { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const number = (name: 'schedules' | 'seconds' | 'seed' | 'workers') => wholeNumber(name, values[name])
  return {
    parts: positionals,
    schedules: number('schedules'),
    seconds: number('seconds'),
    seed: number('seed'),
    workers: number('workers'),
    anew: values.anew,
    live: !values['no-live'],
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new RangeError(`expected a whole number above 0 for --${name}, got '${text}'`)
}
