import type { DefectProof, ProveRecord, SilenceProof } from '../harness/proof.ts'
import type { Confirmation } from '../harness/record.ts'
import { columns } from './columns.ts'
import { counted, duration, grouped, signs } from './wording.ts'

/** What `raceproof prove` shows on a terminal: what is missing first, then one row for each defect. Ends with a line feed. */
export function proveText(record: ProveRecord): string {
  const parts = [
    [headlineOf(record)],
    ...record.defects.filter(({ caught }) => !caught).map(missed),
    ...record.silent.filter(({ alarms }) => alarms > 0).map(alarmed),
    columns({ title: '', head: defectHead, rows: record.defects.map(defectRow) }),
    columns({ title: '', head: silentHead, rows: record.silent.map(silentRow) }),
    record.notes.map((note) => `Note  ${note}`),
  ]
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function headlineOf({ verdict, defects, silent, seeds, durationMs }: ProveRecord): string {
  const caught = defects.filter((each) => each.caught).length
  const alarms = silent.reduce((sum, each) => sum + each.alarms, 0)
  const of = `${caught} of ${counted(defects.length, 'defect')} caught`
  return `${verdict.toUpperCase()}  ${of}, ${counted(alarms, 'false alarm')}  ${counted(seeds, 'seed')} · ${duration(durationMs)}`
}

function missed({ name, world, expected, missing, command }: DefectProof): string[] {
  return [
    `${signs.invalid} ${name} in the world ${world}: ${missing}`,
    `  Expected  ${expected.join(' or ')}`,
    `  Look      ${command}`,
  ]
}

function alarmed({ target, scenario, world, alarms, alarm }: SilenceProof): string[] {
  return [
    `${signs.invalid} the correct ${target} raised ${counted(alarms, 'alarm')} in ${scenario}, world ${world}`,
    `  First     ${alarm ?? 'no finding, but the run could not be judged valid'}`,
    `  Look      raceproof run ${scenario} --world ${world}`,
  ]
}

const defectHead = [
  'defect',
  'world',
  'caught by',
  'scenario',
  'seeds',
  'median',
  'holds',
  'replayed',
  'on workers',
  'a passing order',
]

function defectRow(proof: DefectProof): string[] {
  const { name, world, caught, by, scenario, found, seeds, holds, replayed, replays, workers, race, passes } = proof
  return [
    `${caught ? signs.valid : signs.invalid} ${name}`,
    world,
    by.join(', ') || '–',
    scenario ?? '–',
    `${found}/${seeds}`,
    medianOf(proof),
    holds === null ? '–' : `${holds}`,
    replayed === null ? '–' : `${replayed}/${replays}`,
    onWorkers(workers),
    race && replays !== null ? (passes ?? 'none seen') : '',
  ]
}

/** Whether real workers confirmed a failure: `yes`, `no`; why not is told where it is missing. */
export function onWorkers(workers: Confirmation | null): string {
  if (workers === null) return '–'
  return workers.confirmed ? 'yes' : 'no'
}

/** How long it took to find: `3 schedules`, `4.2 s`. */
export function medianOf({ schedulesMedian, secondsMedian }: DefectProof): string {
  if (schedulesMedian !== null) return counted(schedulesMedian, 'schedule')
  return secondsMedian === null ? '–' : duration(secondsMedian * 1000)
}

const silentHead = ['the correct target', 'scenario', 'world', 'run', 'alarms']

function silentRow({ target, scenario, world, schedules, alarms, unjudged }: SilenceProof): string[] {
  const blind = unjudged === 0 ? '' : `, ${grouped(unjudged)} unjudged`
  const run = `${counted(schedules, world === 'live' ? 'round' : 'schedule')}${blind}`
  return [`${alarms === 0 ? signs.valid : signs.invalid} ${target}`, scenario, world, run, grouped(alarms)]
}
