import type { Judged } from './judge.ts'
import { reasonOf } from './survivors.ts'

const begin = '<!-- mutation:begin -->'
const end = '<!-- mutation:end -->'

const introduction =
  'Beyond the catalogue: each lock, each re-check, each `await` of a cleanup and each bound of the reference implementation ' +
  'is taken away, one at a time (`npm run mutate`), and the scenarios look for what breaks.'

/** What became of each mutant, as Markdown: the counts first. */
export function mutationTable(judged: readonly Judged[]): string {
  const noticed = judged.filter(({ notice }) => notice !== null).length
  const rows = judged.map(({ mutant, notice }) => {
    const what = `\`${mutant.what.replaceAll('|', '\\|').replaceAll('`', "'")}\``
    return `| ${mutant.place.replace('reference-impl/', '')} | ${mutant.kind} | ${what} | ${fateOf(mutant, notice)} |`
  })
  return [
    `${noticed} of ${judged.length} were noticed, ${judged.length - noticed} survived.`,
    '',
    '| place | kind | taken away | fate |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

function fateOf(mutant: Judged['mutant'], notice: Judged['notice']): string {
  if (notice !== null) return `killed: ${notice.by} (${notice.scenario}, ${notice.world})`
  return `survived: ${reasonOf(mutant) ?? 'no reason is known'}`
}

/** The track record with this table in it: in the place of the one that was there, else at its end. */
export function withTable(record: string, table: string): string {
  const [before, after] = [record.indexOf(begin), record.indexOf(end)]
  const section = `${begin}\n\n## Mutation\n\n${introduction}\n\n${table}\n\n${end}`
  if (before < 0 || after < before) return `${record}\n${section}\n`
  return record.slice(0, before) + section + record.slice(after + end.length)
}
