#!/usr/bin/env node
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { type Rendered, renderReports } from '../reports/render.ts'
import { textReport } from '../reports/text.ts'
import type { Verdict } from './check/verdict.ts'
import { packageRoot } from './entry.ts'
import { HarnessError, messageOf } from './errors.ts'
import { catalogue } from './run/catalogue.ts'
import { ProgressLine } from './run/progress-line.ts'
import { run } from './run/run.ts'
import { defaultFolder } from './run/run-folder.ts'
import { select } from './run/select.ts'

const exitCodes: Record<Verdict, number> = { valid: 0, invalid: 1, unknown: 2 }
const couldNotRun = 3

interface RunFlags {
  world: string
  target?: string
  defect?: string
  seed?: number
  clients?: number
  seconds?: number
  out?: string
  clinic?: string
  json?: boolean
}

function program(): Command {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
  const root = new Command('raceproof')
    .description('Finds, reproduces and explains concurrency bugs in Node.js servers.')
    .version(version)
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText('after', '\nExit codes: 0 valid, 1 invalid, 2 unknown, 3 could not run.')
  addRun(root)
  root
    .command('list')
    .description('list scenarios, targets, defects and checks')
    .option('--json', 'print one JSON document')
    .action(({ json }: { json?: boolean }) => list(json === true))
  root
    .command('report')
    .description('render the reports of a saved run again')
    .argument('<run-dir>', 'the folder that holds run.json')
    .option('--json', 'print the run as one JSON document')
    .action((folder: string, { json }: { json?: boolean }) => report(folder, json === true))
  return root
}

function addRun(root: Command): void {
  root
    .command('run')
    .description('boot the target, race it, record, judge and report')
    .argument('[scenario...]', 'names or files; all of the package when left out')
    .option('--world <world>', 'sim, live, threads, or all that the scenario has', 'all')
    .option('--target <target>', 'a target by name, the URL of a running server, or a command that listens on $PORT')
    .option('--defect <name>', 'put this deliberate bug into the target')
    .option('--seed <n>', 'feeds all randomness', wholeNumber(0))
    .option('--clients <n>', 'how many clients race, instead of what the scenario says', wholeNumber(1))
    .option('--seconds <n>', 'how long the storm may last, instead of what the scenario says', positive)
    .option('--out <dir>', 'where the run is written; reports/runs/… when left out')
    .addOption(new Option('--clinic <tool>', 'profile the target as well').choices(['doctor']))
    .option('--json', 'print run.json on standard output, and nothing else')
    .action((scenarios: string[], flags: RunFlags) => runCommand(scenarios, flags))
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text !== '' && Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`)
  }
}

function positive(text: string): number {
  const value = Number(text)
  if (text !== '' && Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('Expected a number above 0.')
}

async function runCommand(scenarios: string[], flags: RunFlags): Promise<void> {
  const cwd = process.cwd()
  const seed = flags.seed ?? randomInt(2 ** 31)
  const selection = await select({ scenarios, world: flags.world, target: flags.target, defect: flags.defect, cwd })
  const progress = new ProgressLine(process.stderr)
  const outcome = await run({
    ...selection,
    seed,
    clients: flags.clients,
    seconds: flags.seconds,
    target: flags.target,
    clinic: flags.clinic !== undefined,
    folder: flags.out ?? defaultFolder(cwd, new Date(), seed),
    signal: interruption(),
    progress: (what, phase) => progress.show(what, phase),
  })
  progress.end()
  show(await renderReports(outcome.folder), flags.json === true)
  if (outcome.error !== null) throw outcome.error
  process.exitCode = exitCodes[outcome.record.verdict]
}

/** The first Ctrl-C ends the run in order: the target is stopped and the record written. The second ends it at once. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(couldNotRun)
      process.stderr.write('\nStopping: the record is being written. Once more to stop at once.\n')
      controller.abort()
    })
  }
  return controller.signal
}

async function list(asJson: boolean): Promise<void> {
  const { scenarios, targets, defects, checks } = await catalogue()
  if (asJson) return print(json({ scenarios, targets, defects, checks }))
  const rows = (title: string, entries: { name: string; text: string }[]) => {
    const width = Math.max(...entries.map(({ name }) => name.length))
    return [title, ...entries.map(({ name, text }) => `  ${name.padEnd(width)}  ${text}`), '']
  }
  const lines = [
    ...rows(
      'Scenarios',
      scenarios.map(({ name, target, worlds, promise }) => ({
        name,
        text: `${promise} (${target}; ${worlds.join(', ')})`,
      })),
    ),
    ...rows(
      'Targets',
      targets.map(({ name, about }) => ({ name, text: about })),
    ),
    ...rows(
      'Defects',
      defects.map(({ name, target, wrong }) => ({ name, text: `${wrong} (${target})` })),
    ),
    `Checks\n  ${checks.join(', ')}\n`,
  ]
  print(lines.join('\n'))
}

async function report(folder: string, asJson: boolean): Promise<void> {
  show(await renderReports(folder), asJson)
}

/** Prints a run, and where its reports are. */
function show({ saved, files }: Rendered, asJson: boolean): void {
  if (asJson) {
    print(json(saved.record))
    return
  }
  print(textReport(saved, { colors: process.stdout.isTTY === true && process.env.NO_COLOR === undefined }))
  print(`\nReport  ${files.html}\n        ${dirname(files.html)}  run.json, history, junit.xml, summary.md, report.txt`)
}

function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2)
}

/** Tells why nothing could be run: as JSON where JSON was asked for, so that standard output stays one document. */
function tell(thrown: unknown, asJson: boolean): void {
  const code =
    thrown instanceof HarnessError ? thrown.code : thrown instanceof CommanderError ? 'ERR_USAGE' : 'ERR_INTERNAL'
  const message = messageOf(thrown)
  if (asJson) print(json({ error: { code, message } }))
  else if (!(thrown instanceof CommanderError)) process.stderr.write(`raceproof: ${message} [${code}]\n`)
  if (code === 'ERR_INTERNAL' && thrown instanceof Error) process.stderr.write(`${thrown.stack}\n`)
}

async function main(args: string[]): Promise<void> {
  try {
    await program().parseAsync(args)
  } catch (thrown) {
    // Help and the version end the program by an exception too, with exit code 0.
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return
    tell(thrown, args.includes('--json'))
    process.exitCode = couldNotRun
  }
}

await main(process.argv)
