import type { DefectProof, ProveRecord, SilenceProof } from '../harness/proof.ts'
import { type WorldName, worlds } from '../harness/worlds.ts'
import { medianOf, onWorkers } from './prove-text.ts'
import { counted } from './wording.ts'

const introduction = `# Track record

Every concurrency bug of the reports that the project began with is kept as one wrong method of a correct server.
\`raceproof prove\` finds each of them in every world that it shows in, and runs the correct servers beside it. A run of all
defects of a world writes that world's part of this file.

Found: how many seeds found it, and the median of what that took. Holds: how many events the smallest failure holds back,
or how often it switches threads. Replayed: how often it was the same, to the byte. On workers: whether real
worker threads took the same steps to the same failure. The checks that caught it are bold. ⚡
marks a race: an order that passes was seen as well (⚡?: none was).
`

/** One row of the record, without its figures: what a test can compare with what the code declares. */
export interface TrackRecordRow {
  name: string
  expected: string[]
  world: string
  command: string
}

/**
 * The track record with these proofs in the place of those of the same worlds; `before` is null for a new file. What others
 * wrote, and the proofs of other worlds, stay.
 */
export function trackRecord(record: ProveRecord, before: string | null): string {
  const ran = worlds.filter((world) => record.defects.some((proof) => proof.world === world))
  return ran.reduce((text, world) => withSection(text, world, proved(record, world)), before ?? introduction)
}

/** The text with a world's section in the place of the one that was there; else at its end. */
function withSection(text: string, world: WorldName, section: string): string {
  const [begin, end] = marksOf(world)
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  const marked = `${begin}\n\n${section}\n\n${end}`
  if (from < 0 || to < from) return `${text}\n${marked}\n`
  return text.slice(0, from) + marked + text.slice(to + end.length)
}

function marksOf(world: WorldName): [begin: string, end: string] {
  return [`<!-- proved:${world}:begin -->`, `<!-- proved:${world}:end -->`]
}

function proved({ seeds, ...record }: ProveRecord, world: WorldName): string {
  const [defects, silent] = [record.defects, record.silent].map((all) => all.filter((one) => one.world === world)) as [
    DefectProof[],
    SilenceProof[],
  ]
  const caught = defects.filter((each) => each.caught)
  const runs = silent.reduce((sum, { schedules }) => sum + schedules, 0)
  const alarms = silent.reduce((sum, each) => sum + each.alarms, 0)
  const confirmed = world === 'threads' ? ['on workers'] : []
  return [
    `## World ${world}`,
    '',
    `${caught.length} of ${counted(defects.length, 'defect')} caught, each tried with ${triedWith(caught, seeds)}. ` +
      `The correct servers raised ${counted(alarms, 'alarm')} in ${counted(runs, world === 'live' ? 'round' : 'schedule')}.`,
    '',
    lineOf(['defect', 'source', 'caught by', 'world', 'found', 'holds', 'replayed', ...confirmed, 'command']),
    lineOf(Array.from({ length: 8 + confirmed.length }, () => '---')),
    ...defects.map(row),
  ].join('\n')
}

/** How many seeds tried each: live, some have more than others. One that was missed may have been given up before the last. */
function triedWith(caught: readonly DefectProof[], seeds: number): string {
  const numbers = [...new Set(caught.map((each) => each.seeds))].sort((a, b) => a - b)
  const most = numbers.pop() ?? seeds
  return [...numbers.map(String), counted(most, 'seed')].join(' or ')
}

function row(proof: DefectProof): string {
  const { name, race, passes, source, expected, by, world, found, seeds, holds, replayed, replays, workers, command } =
    proof
  const fired = expected.map((check) => (by.includes(check) ? `**${check}**` : check)).join(', ')
  const cells = [
    `${race ? (passes === null && world !== 'live' ? '⚡? ' : '⚡ ') : ''}${name}`,
    source,
    fired,
    world,
    found === 0 ? `missed (0 of ${seeds})` : `${found} of ${seeds}, ${medianOf(proof)}`,
    holds === null ? '–' : `${holds}`,
    replayed === null ? '–' : `${replayed} of ${replays}`,
    ...(world === 'threads' ? [onWorkers(workers)] : []),
    `\`${command}\``,
  ]
  return lineOf(cells)
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

/** The rows of a track record, to see whether they are fresh. */
export function rowsOf(markdown: string): TrackRecordRow[] {
  return markdown
    .split('\n')
    .filter((line) => / \| `raceproof run [^`]+` \|$/.test(line))
    .map((line) => line.slice(2, -2).split(' | '))
    .map((cells) => ({ cells, command: cells.at(-1) as string }))
    .map(({ cells: [name = '', , expected = '', world = ''], command }) => ({
      name: name.replace(/^⚡\?? /, ''),
      expected: expected.replaceAll('*', '').split(', '),
      world,
      command: command.replaceAll('`', ''),
    }))
}
