import { createColors } from 'picocolors'
import type { Verdict } from '../harness/check/verdict.ts'
import type { AuditEvent } from '../harness/history/event.ts'
import type { RunRecord, ScenarioRun } from '../harness/record.ts'
import { circumstances, scaleOf } from './circumstances.ts'
import { columns } from './columns.ts'
import type { EventLine } from './event-line.ts'
import type { SavedRun } from './saved-run.ts'
import { type Stories, type Story, storiesOf } from './story.ts'
import { environmentTable, keptTable, saturationTable, type Table, tablesOf } from './tables.ts'
import { counted, duration, headline, momentOf, signs } from './wording.ts'

type Colors = ReturnType<typeof createColors>

const findingsTold = 12

/**
 * The report as text: the verdict first, then what went wrong and how to see it again, then the tables. Ends with a line
 * feed. Without `colors` it is plain text. When it is `brief`, as on a terminal, one of several scenarios that kept its
 * promise has one row, and a reader finds the rest in the folder of the run.
 */
export function textReport(
  { record, audits, missing }: SavedRun,
  { colors = false, brief = false }: { colors?: boolean; brief?: boolean } = {},
): string {
  const paint = createColors(colors)
  const inRow = new Set(brief && record.runs.length > 1 ? record.runs.filter(wentWell) : [])
  const blocks = record.runs.map((run, index) => (inRow.has(run) ? [] : scenarioBlock(run, audits[index] ?? [], paint)))
  const parts = [
    [verdictLine(record, paint)],
    ...blocks,
    inRow.size === 0 ? [] : tableLines(keptTable([...inRow]), paint),
    record.saturation === null ? [] : tableLines(saturationTable(record.saturation), paint),
    inRow.size === 0 ? tableLines(environmentTable(record), paint) : [],
    noteLines([...record.notes, ...missing], paint),
  ]
  const text = parts.filter((part) => part.length > 0).map((part) => part.join('\n'))
  return `${text.join('\n\n')}\n`
}

/** It has nothing to say but that all is well. */
function wentWell({ verdict, notes, story }: ScenarioRun): boolean {
  return verdict === 'valid' && notes.length === 0 && story === null
}

function verdictLine(record: RunRecord, paint: Colors): string {
  const verdict = inVerdictColor(record.verdict, paint)(paint.bold(record.verdict.toUpperCase()))
  return `${verdict}  ${headline(record)}  ${paint.dim(`seed ${record.seed} · ${duration(record.durationMs)}`)}`
}

function scenarioBlock(run: ScenarioRun, audits: readonly AuditEvent[], paint: Colors): string[] {
  const name = `${signs[run.verdict]} ${paint.bold(run.scenario)}`
  const held = run.checks.length > 0 && run.checks.every(({ verdict }) => verdict === 'valid')
  // Counts that came back to where they were are for the page, which has the room.
  const tables = tablesOf(run, run.leaks.length > 0 ? audits : []).filter(({ title }) => !(held && title === 'Checks'))
  return [
    inVerdictColor(run.verdict, paint)(name),
    `  ${paint.dim([...circumstances(run), ...scaleOf(run)].join(' · '))}`,
    `  ${paint.dim('Promised')}  ${plain(run.promise)}`,
    ...(held ? [`  ${paint.dim('Held')}      ${run.checks.map(({ check }) => check).join(', ')}`] : []),
    ...indented(noteLines(run.notes, paint)),
    ...(run.story === null ? [] : ['', ...indented(run.story.split('\n').map(plain))]),
    ...storyLines(storiesOf(run, findingsTold), paint),
    ...tables.flatMap((table) => ['', ...indented(tableLines(table, paint))]),
  ]
}

function storyLines({ told, leftOut }: Stories, paint: Colors): string[] {
  const lines = told.flatMap((story, index) => ['', ...indented(storyBlock(story, index + 1, paint))])
  return leftOut === 0 ? lines : [...lines, '', `  and ${counted(leftOut, 'more finding')}, in run.json`]
}

/** What happened, the few events that show it, why it may be, and the way to see it again. */
function storyBlock(story: Story, number: number, paint: Colors): string[] {
  const { check, happened, timeLine, eventsLeftOut, likelyCause, seed, replay, caveat } = story
  const label = (text: string) => paint.dim(text.padEnd(14))
  return [
    `${paint.red(`${number}. ${check}`)}  ${plain(happened)}`,
    ...indented(timeLineLines(timeLine, paint)),
    ...(eventsLeftOut === 0 ? [] : [`  (${counted(eventsLeftOut, 'event')} in between left out)`]),
    ...(likelyCause === null ? [] : [`${label('Likely cause')}${plain(likelyCause)}`]),
    `${label('Replay')}${plain(replay)}`,
    `${label('')}${paint.dim([`seed ${seed}`, ...(caveat === null ? [] : [caveat])].join(' · '))}`,
  ]
}

function timeLineLines(events: readonly EventLine[], paint: Colors): string[] {
  if (events.length === 0) return []
  const rows = events.map(({ timeMs, who, what }) => [momentOf(timeMs), plain(who), plain(what)])
  const [head, ...body] = columns({ title: '', head: ['time', 'client', 'what'], rows })
  return [paint.dim(head!), ...body]
}

function tableLines(table: Table, paint: Colors): string[] {
  const rows = table.rows.map((row) => row.map(plain))
  const [head, ...body] = columns({ ...table, rows })
  const note = table.note === undefined ? [] : [paint.dim(table.note)]
  return [paint.bold(table.title), ...indented([paint.dim(head!), ...body, ...note])]
}

function noteLines(notes: readonly string[], paint: Colors): string[] {
  return notes.map((note) => `${paint.yellow('Note')}      ${plain(note)}`)
}

function inVerdictColor(verdict: Verdict, paint: Colors): (text: string) => string {
  return { valid: paint.green, invalid: paint.red, unknown: paint.yellow }[verdict]
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`))
}

/** What a target wrote may hold control characters; those would steer the reader's terminal instead of being read. */
function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, (controls) => (/^[\r\n\t]+$/.test(controls) ? ' ⏎ ' : '\uFFFD'))
}
