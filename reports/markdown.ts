import type { Verdict } from '../harness/check/verdict.ts'
import type { RunRecord, ScenarioRun } from '../harness/record.ts'
import { circumstances, scaleOf } from './circumstances.ts'
import { columns } from './columns.ts'
import type { SavedRun } from './saved-run.ts'
import { type Story, storiesOf } from './story.ts'
import { environmentTable, saturationTable, type Table, tablesOf } from './tables.ts'
import { counted, duration, headline, momentOf } from './wording.ts'

/** Comments of code hosts hold 65,536 characters; some bytes stay free for what a bot puts around the summary. */
const bytesMax = 60_000
const findingsTold = 5

const marks: Readonly<Record<Verdict, string>> = { valid: '✅', invalid: '❌', unknown: '❔' }

/**
 * A summary in GitHub's Markdown, for a comment or a job summary: always below 64 KiB. Failures come before tables, so
 * that what is left out of a long one is what matters least.
 */
export function markdownReport(saved: SavedRun): string {
  const { record } = saved
  const failures = record.runs.filter(({ verdict }) => verdict !== 'valid').flatMap(failureBlocks)
  const details = record.runs.map((run, index) => detailBlock(run, tablesOf(run, saved.audits[index] ?? [])))
  const blocks = [...failures, ...saturationBlock(record), noteBlock([...record.notes, ...saved.missing]), ...details]
  return fitting([headBlock(record), overviewBlock(record)], [...blocks, tableBlock(environmentTable(record))])
}

/** The blocks as one text, as far as they fit; the reader is told how many do not. */
function fitting(first: readonly string[], blocks: readonly string[]): string {
  const text = [...first]
  let left = bytesMax - Buffer.byteLength(first.join('\n\n'))
  let leftOut = 0
  for (const block of blocks.filter((candidate) => candidate !== '')) {
    const bytes = Buffer.byteLength(block) + 2
    if (bytes > left) leftOut++
    else {
      text.push(block)
      left -= bytes
    }
  }
  if (leftOut > 0)
    text.push(
      `_${counted(leftOut, 'section')} left out to keep this short; the whole report is index.html in the run's folder._`,
    )
  return `${text.join('\n\n')}\n`
}

function headBlock(record: RunRecord): string {
  const seed = `seed \`${record.seed}\` · ${duration(record.durationMs)}`
  return `## ${marks[record.verdict]} raceproof: ${headline(record)}\n\n**${record.verdict}** · ${seed}`
}

/** A run has few scenarios as a rule; who runs hundreds finds them all in the other reports. */
function overviewBlock({ runs }: RunRecord): string {
  const rows = runs
    .slice(0, 100)
    .map((run) => [
      `${marks[run.verdict]} ${run.scenario}`,
      run.world,
      run.target,
      run.defect ?? '–',
      String(run.findings.length),
      ...scaleOf(run),
    ])
  const head = ['scenario', 'world', 'target', 'defect', 'findings', 'clients', 'calls', 'tries', 'time']
  return rows.length === 0 ? '_No scenario was run._' : pipes({ title: '', head, rows })
}

function failureBlocks(run: ScenarioRun): string[] {
  const { told, leftOut } = storiesOf(run, findingsTold)
  const more =
    leftOut === 0 ? [] : [`_and ${counted(leftOut, 'more finding')} of ${escaped(run.scenario)}, in run.json_`]
  const head = `### ${marks[run.verdict]} ${escaped(run.scenario)}\n\n${escaped([...circumstances(run), run.promise].join(' · '))}`
  const notes = run.notes.length === 0 ? [] : [noteBlock(run.notes)]
  const story = run.story === null ? [] : [fenced(run.story.replace(/[^\P{Cc}\n]/gu, '\uFFFD'))]
  return [[head, ...notes].join('\n\n'), ...story, ...told.map(storyBlock), ...more]
}

function storyBlock({ check, happened, timeLine, eventsLeftOut, likelyCause, replay, caveat }: Story): string {
  const rows = timeLine.map(({ timeMs, who, what }) => [momentOf(timeMs), who, what].map(oneLine))
  const more = eventsLeftOut === 0 ? [] : [`(${counted(eventsLeftOut, 'event')} in between left out)`]
  return [
    `**${check}** ${escaped(happened)}`,
    ...(rows.length === 0
      ? []
      : [fenced([...columns({ title: '', head: ['time', 'client', 'what'], rows }), ...more].join('\n'))]),
    ...(likelyCause === null ? [] : [`Likely cause: ${escaped(likelyCause)}`]),
    `Replay${caveat === null ? '' : ` (${caveat})`}:`,
    fenced(replay, 'sh'),
  ].join('\n\n')
}

function saturationBlock({ saturation }: RunRecord): string[] {
  return saturation === null ? [] : [tableBlock(saturationTable(saturation))]
}

function detailBlock(run: ScenarioRun, tables: readonly Table[]): string {
  const body = tables.map(tableBlock).join('\n\n')
  return `<details><summary>${escaped(run.scenario)}: figures</summary>\n\n${body}\n\n</details>`
}

function tableBlock(table: Table): string {
  const note = table.note === undefined ? '' : `\n\n${escaped(table.note)}`
  return `**${table.title}**\n\n${pipes(table)}${note}`
}

function noteBlock(notes: readonly string[]): string {
  return notes.map((note) => `- ${escaped(note)}`).join('\n')
}

function pipes({ head, rows }: Table): string {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => escaped(cell) || ' ').join(' | ')} |`
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')
}

/** A block of code; its fence is longer than any that the text itself holds. */
function fenced(text: string, language = ''): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text}\n${fence}`
}

/** Text that a target or a client wrote, so that it is shown rather than interpreted. */
function escaped(text: string): string {
  return oneLine(text).replace(/[\\`*_|<>[\]#~@]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`))
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ⏎ ').replace(/\p{Cc}/gu, '\uFFFD')
}
