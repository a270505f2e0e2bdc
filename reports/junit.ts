import type { RunRecord, ScenarioRun } from '../harness/record.ts'
import type { EventLine } from './event-line.ts'
import type { SavedRun } from './saved-run.ts'
import { type Story, storiesOf } from './story.ts'
import { headline, momentOf } from './wording.ts'

interface TestCase {
  suite: string
  name: string
  failures: string[]
  /** Why it could not be judged. CI must not take silence for success, so it is an error. */
  error: string | null
}

interface Suite {
  name: string
  durationMs: number
  cases: TestCase[]
  properties: Record<string, string | number>
}

/** Findings that are told of one check; a broken server breaks the same way a hundred times. */
const findingsTold = 20

/** JUnit XML for continuous integration: a suite for each scenario, a test case for each of its checks. */
export function junitReport({ record }: SavedRun): string {
  const suites = [...record.runs.map(scenarioSuite), ...saturationSuite(record), ...unfinishedSuite(record)]
  const cases = suites.flatMap((suite) => suite.cases)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="raceproof" ${totals(cases)} time="${seconds(record.durationMs)}">`,
    ...suites.flatMap((suite) => suiteLines(suite, record)),
    '</testsuites>',
    '',
  ].join('\n')
}

function scenarioSuite(run: ScenarioRun): Suite {
  const { scenario, world, target, defect, seed, clients, replay, durationMs } = run
  const name = `${scenario} (${world})`
  const stories = storiesOf(run, Number.POSITIVE_INFINITY).told
  const checks = run.checks.map(({ check, verdict, reason }) => ({
    suite: name,
    name: check,
    failures: failuresOf(stories.filter((story) => story.check === check)),
    error: verdict === 'unknown' ? (reason ?? 'it could not be judged') : null,
  }))
  const properties = { target, ...(defect === null ? {} : { defect }), seed, clients, replay }
  return { name, durationMs, properties, cases: [...checks, ...unjudged(run, name, checks)] }
}

/** A scenario whose checks say less than its verdict does: it was cut off, or nothing completed. */
function unjudged(run: ScenarioRun, suite: string, checks: readonly TestCase[]): TestCase[] {
  const told = checks.some(({ failures, error }) => failures.length > 0 || error !== null)
  if (run.verdict === 'valid' || told) return []
  return [{ suite, name: 'run', failures: [], error: [`the verdict is ${run.verdict}`, ...run.notes].join('\n') }]
}

function failuresOf(stories: readonly Story[]): string[] {
  const told = stories.slice(0, findingsTold).map(storyText)
  const leftOut = stories.length - told.length
  return leftOut === 0 ? told : [...told, `and ${leftOut} more, in run.json`]
}

function storyText({ promised, happened, timeLine, eventsLeftOut, likelyCause, seed, replay, caveat }: Story): string {
  return [
    happened,
    '',
    `Promised: ${promised}`,
    ...timeLine.map(eventText),
    ...(eventsLeftOut === 0 ? [] : [`(${eventsLeftOut} events in between left out)`]),
    ...(likelyCause === null ? [] : [`Likely cause: ${likelyCause}`]),
    `Seed: ${seed}`,
    `Replay: ${replay}${caveat === null ? '' : ` (${caveat})`}`,
  ].join('\n')
}

function eventText({ timeMs, who, what }: EventLine): string {
  return `  ${momentOf(timeMs).padStart(14)}  ${who.padEnd(8)}  ${what}`
}

function saturationSuite({ saturation }: RunRecord): Suite[] {
  if (saturation === null) return []
  const { url, requests, connections, non2xx, errors } = saturation
  const failure = `of ${requests} requests, ${connections} at a time, ${non2xx} were answered without success and ${errors} not at all`
  const failures = non2xx + errors > 0 ? [failure] : []
  const cases = [{ suite: 'saturation', name: `GET ${url}`, failures, error: null }]
  return [{ name: 'saturation', durationMs: 0, cases, properties: {} }]
}

/** A run that ended before its first scenario did. */
function unfinishedSuite(record: RunRecord): Suite[] {
  if (record.runs.length > 0) return []
  const error = [headline(record), ...record.notes].join('\n')
  return [
    {
      name: 'run',
      durationMs: record.durationMs,
      properties: {},
      cases: [{ suite: 'run', name: 'run', failures: [], error }],
    },
  ]
}

function suiteLines({ name, durationMs, cases, properties }: Suite, { startedAt }: RunRecord): string[] {
  const head = attributes({ name, timestamp: startedAt.replace(/\.\d+Z$/, 'Z') })
  const listed = Object.entries(properties).map(
    ([key, value]) => `      <property ${attributes({ name: key, value: String(value) })}/>`,
  )
  return [
    `  <testsuite ${head} ${totals(cases)} time="${seconds(durationMs)}">`,
    ...(listed.length === 0 ? [] : ['    <properties>', ...listed, '    </properties>']),
    ...cases.flatMap(caseLines),
    '  </testsuite>',
  ]
}

function caseLines({ suite, name, failures, error }: TestCase): string[] {
  const opening = `    <testcase ${attributes({ classname: suite, name })} time="0"`
  // One failure a test case is all that every reader of the format understands.
  const failed = failures.length === 0 ? [] : [outcome('failure', failures.join('\n\n'))]
  const errored = error === null || failures.length > 0 ? [] : [outcome('error', error)]
  const outcomes = [...failed, ...errored]
  return outcomes.length === 0 ? [`${opening}/>`] : [`${opening}>`, ...outcomes, '    </testcase>']
}

function outcome(tag: 'failure' | 'error', text: string): string {
  const [message = ''] = text.split('\n')
  return `      <${tag} ${attributes({ message, type: tag === 'failure' ? 'invalid' : 'unknown' })}>${xml(text)}</${tag}>`
}

function totals(cases: readonly TestCase[]): string {
  const failures = cases.filter((test) => test.failures.length > 0).length
  const errors = cases.filter((test) => test.failures.length === 0 && test.error !== null).length
  return `tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="0"`
}

function attributes(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${xml(value)}"`)
    .join(' ')
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(3)
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Text as XML 1.0 can hold it: control characters and halves of surrogate pairs have no form there at all. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>"']/g, (character) => entities[character]!)
}
