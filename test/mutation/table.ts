import type { Fate } from './judge.ts'
import type { Mutant } from './mutants.ts'
import { reasonOf } from './survivors.ts'

/** A mutant and what became of it. */
export interface Judged {
  readonly mutant: Pick<Mutant, 'key' | 'place' | 'kind' | 'what'>
  readonly fate: Fate
}

const begin = '<!-- mutation:begin -->'
const end = '<!-- mutation:end -->'

const introduction =
  'Beyond the catalogue: each lock, each re-check, each `await` of a cleanup and each bound of the reference implementation ' +
  'is taken away, one at a time (`npm run mutate`), and the scenarios look for what breaks.'

/** What became of each mutant, as Markdown: the counts first. */
export function mutationTable(judged: readonly Judged[]): string {
  const noticed = judged.filter(({ fate }) => fate.notice !== null).length
  const rows = judged.map((one) => {
    const { place, kind, what } = one.mutant
    const code = `\`${what.replaceAll('|', '\\|').replaceAll('`', "'")}\``
    return `| ${place.replace('reference-impl/', '')} | ${kind} | ${code} | ${fateOf(one)} |`
  })
  return [
    `${noticed} of ${judged.length} were noticed, ${judged.length - noticed} survived.`,
    '',
    '| place | kind | taken away | fate |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

function fateOf({ mutant, fate }: Judged): string {
  const { notice, reachedBy, unjudged } = fate
  if (notice !== null) return `killed: ${notice.by} (${notice.scenario}, ${notice.world})`
  const many = reachedBy.length === 1 ? 'one scenario runs it' : `${reachedBy.length} scenarios run it`
  const run = reachedBy.length === 0 ? 'no scenario runs it' : many
  const blind = unjudged.length === 0 ? '' : ` (${unjudged.join(', ')} could not judge any more)`
  return `survived, ${run}${blind}: ${reasonOf(mutant) ?? 'no reason is known'}`
}

/** The track record with this table in it: in the place of the one that was there, else at its end. */
export function withTable(record: string, table: string): string {
  const [before, after] = [record.indexOf(begin), record.indexOf(end)]
  const section = `${begin}\n\n## Mutation\n\n${introduction}\n\n${table}\n\n${end}`
  if (before < 0 || after < before) return `${record}\n${section}\n`
  return record.slice(0, before) + section + record.slice(after + end.length)
}
