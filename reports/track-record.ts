import type { DefectProof, ProveRecord } from '../harness/run/prove/proof.ts'
import { medianOf } from './prove-text.ts'
import { counted, grouped } from './wording.ts'

/** Between these lines stands what was proved; what another tool wrote around them stays. */
const begin = '<!-- proved:begin -->'
const end = '<!-- proved:end -->'

const introduction = `# Track record

Every concurrency bug of the reports that the project began with is kept as one wrong method of a correct server.
\`raceproof prove\` finds each of them in every world that it shows in, and runs the correct servers beside it.
`

/** One row of the record, without its figures: what a test can compare with what the code declares. */
export interface TrackRecordRow {
  name: string
  expected: string[]
  world: string
  command: string
}

/** The track record with these proofs in the place of the ones that were there; `before` is null for a new file. */
export function trackRecord(record: ProveRecord, before: string | null): string {
  const text = before?.includes(begin) ? before : `${introduction}\n${begin}\n${end}\n`
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)]
  return `${text.slice(0, from)}\n\n${proved(record)}\n\n${text.slice(to)}`
}

function proved(record: ProveRecord): string {
  const caught = record.defects.filter((each) => each.caught).length
  const silent = record.silent.reduce((sum, { schedules }) => sum + schedules, 0)
  const alarms = record.silent.reduce((sum, each) => sum + each.alarms, 0)
  return [
    `${caught} of ${record.defects.length} rows caught, with ${counted(record.seeds, 'seed')} each. ` +
      `The correct servers raised ${counted(alarms, 'alarm')} in ${grouped(silent)} schedules and rounds.`,
    '',
    'Found: how many seeds found it, and the median of what that took. Holds: how many events the smallest failure holds ' +
      'back. Replayed: how often it was the same, to the byte. ⚡ marks a race: an order that passes was seen as well.',
    '',
    '| defect | source | caught by | world | found | holds | replayed | command |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...record.defects.map(row),
  ].join('\n')
}

function row(proof: DefectProof): string {
  const { name, race, passes, source, expected, by, world, found, seeds, holds, replayed, replays, command } = proof
  const fired = expected.map((check) => (by.includes(check) ? `**${check}**` : check)).join(', ')
  const cells = [
    `${race ? (passes === null && world !== 'live' ? '⚡? ' : '⚡ ') : ''}${name}`,
    source,
    fired,
    world,
    found === 0 ? `missed (0 of ${seeds})` : `${found} of ${seeds}, ${medianOf(proof)}`,
    holds === null ? '–' : `${holds}`,
    replayed === null ? '–' : `${replayed} of ${replays}`,
    `\`${command}\``,
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

/** The rows of a track record, to see whether they are fresh. */
export function rowsOf(markdown: string): TrackRecordRow[] {
  const [from, to] = [markdown.indexOf(begin), markdown.indexOf(end)]
  return markdown
    .slice(from, to)
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (?:defect|---)/.test(line))
    .map((line) => line.slice(2, -2).split(' | '))
    .map(([name = '', , expected = '', world = '', , , , command = '']) => ({
      name: name.replace(/^⚡\?? /, ''),
      expected: expected.replaceAll('*', '').split(', '),
      world,
      command: command.replaceAll('`', ''),
    }))
}
