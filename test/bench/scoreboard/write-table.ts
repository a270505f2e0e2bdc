import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Limits } from './first-bug.ts'
import { measure, type Score } from './measure.ts'
import { programs } from './programs.ts'
import { meanOf, type Published, readPublished } from './published.ts'
import { strategies } from './strategies.ts'

const from = '<!-- scoreboard -->'
const to = '<!-- /scoreboard -->'
const peers = ['SURW', 'PCT3', 'POS', 'RFF*', 'PERIOD*']

/**
 * `node dist/test/bench/scoreboard/write-table.js README PUBLISHED [--seeds 20] [--schedules 10000] [--steps N]
 * [--programs REGEX]`: measures every strategy on every program, and writes the table between the marks in the README,
 * beside what was published.
 */
function main(): void {
  const { values, positionals } = parseArgs({
    options: {
      seeds: { type: 'string', default: '20' },
      schedules: { type: 'string', default: '10000' },
      steps: { type: 'string' },
      programs: { type: 'string', default: '' },
    },
    allowPositionals: true,
  })
  const [readme, csv] = positionals
  if (readme === undefined || csv === undefined) throw new Error('expected the paths of a README and of a CSV file')
  const steps = values.steps === undefined ? {} : { steps: Number(values.steps) }
  const limits = { schedules: Number(values.schedules), ...steps }
  const text = table(readPublished(csv), Number(values.seeds), limits, new RegExp(values.programs))
  writeFileSync(readme, between(readFileSync(readme, 'utf8'), text))
}

function table(published: ReadonlyMap<string, Published>, seeds: number, limits: Limits, wanted: RegExp): string {
  const scored = programs
    .filter(({ name }) => wanted.test(name))
    .map((program) => {
      const scores = [...strategies].map(([name, strategyOf]) =>
        measure(program, strategyOf, seeds, limitsOf(name, limits)),
      )
      process.stderr.write(`${program.name}: ${scores.map(cell).join(' ')}\n`)
      return { program, scores, peers: published.get(program.name) }
    })
  const rows = scored.map(({ program, scores, peers: others }) =>
    row([program.name, ...scores.map(cell), ...peers.map((peer) => (others?.get(peer) || '–').replace(/^- /, '– '))]),
  )
  const heading = ['Program', ...strategies.keys(), ...peers.map((peer) => `published ${peer.replace('*', '')}`)]
  return [
    `${told(seeds, limits)}${leftOut(wanted)}`,
    '',
    summary(scored.map(({ scores, peers: others }) => [scores[0] as Score, meanOf(others?.get('SURW'))])),
    '',
    row(heading),
    row(heading.map(() => '---')),
    ...rows,
  ].join('\n')
}

/** A limit of steps is for what is compared, not for what is shown to find everything. */
function limitsOf(name: string, { schedules, steps }: Limits): Limits {
  return name === 'portfolio' || steps === undefined ? { schedules } : { schedules, steps }
}

function told(seeds: number, { schedules, steps }: Limits): string {
  const both = steps === undefined ? '' : `, that of a single strategy also after ${steps.toLocaleString('en')} steps`
  return (
    `Schedules to the first bug: the mean of ${seeds} seeds, and how many of them found it where not all did. A search ` +
    `ends after ${schedules.toLocaleString('en')} schedules${both}.`
  )
}

function leftOut(wanted: RegExp): string {
  const names = programs.filter(({ name }) => !wanted.test(name)).map(({ name }) => name)
  return names.length === 0 ? '' : ` Not measured here: ${names.join(', ')}.`
}

/** How the first column does, and how it compares with the published means. */
function summary(scores: readonly (readonly [Score, number | null])[]): string {
  const always = scores.filter(([{ found, seeds }]) => found === seeds).length
  const compared = scores.filter(([, peer]) => peer !== null)
  const ahead = compared.filter(([{ found, seeds, mean }, peer]) => found === seeds && mean! <= peer!).length
  return (
    `The portfolio finds ${always} of ${scores.length} with every seed. Its mean is at or below the published mean of ` +
    `SURW on ${ahead} of the ${compared.length} programs that have one.`
  )
}

function cell({ mean, found, seeds }: Score): string {
  const all = found === seeds ? '' : ` (${found}/${seeds})`
  return mean === null ? `–${all}` : `${mean < 100 ? Number(mean.toFixed(1)) : Math.round(mean)}${all}`
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function between(readme: string, text: string): string {
  const [start, end] = [readme.indexOf(from), readme.indexOf(to)]
  if (start < 0 || end < start) throw new Error(`expected the marks ${from} and ${to} in the README`)
  return `${readme.slice(0, start + from.length)}\n\n${text}\n\n${readme.slice(end)}`
}

main()
