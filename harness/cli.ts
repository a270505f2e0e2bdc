#!/usr/bin/env node
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { listText } from '../reports/list.ts'
import { proveText } from '../reports/prove-text.ts'
import { type Rendered, renderReports } from '../reports/render.ts'
import { saveTrackRecord } from '../reports/save-track-record.ts'
import { textReport } from '../reports/text.ts'
import type { Verdict } from './check/verdict.ts'
import { packageRoot } from './entry.ts'
import { type ErrorCode, HarnessError, messageOf } from './errors.ts'
import { catalogue } from './run/catalogue.ts'
import { checkCommand } from './run/check-command.ts'
import { ProgressLine } from './run/progress-line.ts'
import { prove } from './run/prove/prove.ts'
import { replayRepro } from './run/replay-repro.ts'
import { type Outcome, run } from './run/run.ts'
import { select } from './run/select.ts'
import { shortPath } from './run/short-path.ts'
import { expectStrategy, strategyChoices } from './run/strategy-option.ts'

const exitCodes: Record<Verdict, number> = { valid: 0, invalid: 1, unknown: 2 }
const couldNotRun = 3

/** The flags of `raceproof run`, parsed. */
interface RunFlags {
  world: string
  target?: string
  defect?: string
  seed?: number
  schedules?: number
  strategy?: string
  clients?: number
  seconds?: number
  out?: string
  clinic?: string
  json?: boolean
}

/** The flags of `raceproof prove`, parsed. */
interface ProveFlags {
  world?: string
  seeds?: number
  quick?: boolean
  json?: boolean
}

/** So many seeds try to find each defect, unless told otherwise. */
const usualSeeds = 5

const proveHelp = `
A run of all defects of a world writes that world's part of reports/track-record.md; any other only prints.`

const proveExitHelp = `
Exit codes: 0 all caught, nothing else raised · 1 missed, or a false alarm · 2 interrupted · 3 could not run.`

const targetHelp = `
A target is one of the package by its name, a server that runs already by its URL (http://…), or a command that starts
one and listens on $PORT. One plain word is a name; anything with a space, a dot or a slash is a command, as in
--target './server'. URL and command need the scenarios to be named.`

const exitHelp = `
Exit codes: 0 valid · 1 invalid · 2 unknown · 3 could not run.`

const replayExitHelp = `
Exit codes: 0 it no longer fails · 1 it fails · 2 its order cannot be played any more · 3 could not run.`

function program(): Command {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
  const root = new Command('raceproof')
    .description('Finds, reproduces and explains concurrency bugs in Node.js servers.')
    .version(version)
    .exitOverride()
    .addHelpText('after', exitHelp)
  addRun(root)
  root
    .command('list')
    .description('list scenarios, targets, defects, checks, strategies and models')
    .option('--json', 'print one JSON document')
    .action(({ json }: { json?: boolean }) => list(json === true))
  addProve(root)
  root
    .command('replay')
    .description('show a saved failure again: the same schedule, or where it diverged')
    .argument('<repro>', 'a repro-*.json, as `run` names it')
    .option('--json', 'print one JSON document')
    .addHelpText('after', replayExitHelp)
    .action((path: string, { json }: { json?: boolean }) => replay(path, json === true))
  root
    .command('check')
    .description('judge a saved history, of a run or of another tool, against a model')
    .argument('<history>', 'a history.jsonl, a Jepsen history (EDN), or the log of a Jepsen run')
    .requiredOption('--model <name>', 'what the history should look like, such as cas-register; `list` names them')
    .option('--json', 'print the answer as one JSON document')
    .action((path: string, { model, json }: { model: string; json?: boolean }) => check(path, model, json === true))
  root
    .command('report')
    .description('render the reports of a saved run again')
    .argument('<run-dir>', 'the folder that holds run.json')
    .option('--json', 'print run.json on standard output, and nothing else')
    .action((folder: string, { json }: { json?: boolean }) => report(folder, json === true))
  return root
}

function addRun(root: Command): void {
  root
    .command('run')
    .description('boot the target, race it, record, judge and report')
    .argument('[scenario...]', 'names, or files of your own; all of the package when left out')
    .option('--world <world>', 'sim, live, threads, or all that the scenario has', 'all')
    .option('--target <target>', 'what is tested instead: a name, a URL, or a command')
    .option('--defect <name>', 'put this deliberate bug into the target')
    .option('--seed <n>', 'feeds all randomness; drawn and printed when left out', wholeNumber(0))
    .option('--schedules <n>', 'how many schedules to explore, in the worlds sim and threads', wholeNumber(1))
    .option('--strategy <name>', `what picks the next step. ${strategyChoices()}`)
    .option('--clients <n>', 'how many clients race, instead of what the scenario says', wholeNumber(1))
    .option('--seconds <n>', 'how long the storm may last, instead of what the scenario says', positive)
    .option('--out <dir>', 'where the run is written; a new folder in reports/runs when left out')
    .addOption(new Option('--clinic <tool>', 'profile the target as well').choices(['doctor']))
    .option('--json', 'print run.json on standard output, and nothing else')
    .addHelpText('after', targetHelp + exitHelp)
    .action((scenarios: string[], flags: RunFlags) => runCommand(scenarios, flags))
}

function addProve(root: Command): void {
  root
    .command('prove')
    .description('show that every defect is caught and the correct targets stay silent; writes the track record')
    .argument('[defect...]', 'names; all when left out')
    .option('--world <world>', 'sim, live, threads, or all that a defect names', 'all')
    .option('--seeds <n>', 'how many seeds try to find each defect, simulated and in threads', wholeNumber(1))
    .option('--quick', 'one seed, less of the correct targets, and nothing live unless --world says so')
    .option('--json', 'print one JSON document')
    .addHelpText('after', proveHelp + proveExitHelp)
    .action((defects: string[], flags: ProveFlags) => proveCommand(defects, flags))
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`)
  }
}

function positive(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('Expected a number above 0.')
}

async function proveCommand(
  defects: string[],
  { world = 'all', seeds, quick = false, json: asJson = false }: ProveFlags,
) {
  const progress = new ProgressLine(process.stderr)
  const shown = (what: string, done: number, of: number) => progress.show(`${done} of ${of}: ${what}`, null)
  const wanted = { defects, world, seeds: seeds ?? (quick ? 1 : usualSeeds), quick }
  const record = await prove({ ...wanted, signal: interruption(progress), progress: shown }).finally(() =>
    progress.end(),
  )
  print(asJson ? json(record) : proveText(record))
  // A part of a world's defects must not pass for all of them.
  if (defects.length === 0 && !quick && record.verdict !== 'unknown') await saveTrackRecord(record, process.cwd())
  process.exitCode = exitCodes[record.verdict]
}

async function runCommand(scenarios: string[], flags: RunFlags): Promise<void> {
  const outcome = await runScenarios(scenarios, flags)
  const rendered = await renderReports(outcome.folder)
  // Standard output holds one document: of a run that could not go on, that is the error.
  if (outcome.error === null || flags.json !== true) show(rendered, { asJson: flags.json === true, brief: true })
  if (outcome.error !== null) throw outcome.error
  process.exitCode = exitCodes[outcome.verdict]
}

async function runScenarios(scenarios: string[], flags: RunFlags): Promise<Outcome> {
  const { world, target, defect, seed = randomInt(2 ** 31), clients, seconds, schedules, strategy, out } = flags
  const cwd = process.cwd()
  const selection = await select({ scenarios, world, target, defect, onlyIn: flagsOfWorlds(flags), cwd })
  if (strategy !== undefined) for (const { world } of selection.runs) expectStrategy(strategy, world)
  const progress = new ProgressLine(process.stderr)
  try {
    return await run({
      ...selection,
      seed,
      clients,
      seconds,
      schedules,
      strategy,
      target,
      clinic: flags.clinic !== undefined,
      folder: out === undefined ? undefined : resolve(cwd, out),
      parentFolder: join(cwd, 'reports', 'runs'),
      signal: interruption(progress),
      started: (folder) => progress.note(`seed ${seed}, written to ${folder}`),
      progress: (what, phase) => progress.show(what, phase),
    })
  } finally {
    progress.end()
  }
}

/** The flags that were given and that mean something in some worlds only. */
function flagsOfWorlds({
  schedules,
  strategy,
  seconds,
  clinic,
}: RunFlags): { option: string; worlds: ('sim' | 'live' | 'threads')[] }[] {
  const explored = Object.entries({ '--schedules': schedules, '--strategy': strategy })
  const live = Object.entries({ '--seconds': seconds, '--clinic': clinic })
  const given = (flags: [string, unknown][], worlds: ('sim' | 'live' | 'threads')[]) =>
    flags.flatMap(([option, value]) => (value === undefined ? [] : [{ option, worlds }]))
  return [...given(explored, ['sim', 'threads']), ...given(live, ['live'])]
}

/** The first Ctrl-C ends the run in order: the target is stopped and the record written. The second ends it at once. */
function interruption(progress: ProgressLine): AbortSignal {
  const controller = new AbortController()
  const signals = ['SIGINT', 'SIGTERM'] as const
  const interrupt = () => {
    // Without a listener, the next signal does what signals do by default.
    for (const signal of signals) process.off(signal, interrupt)
    progress.note('Stopping: the target is ended and the record written. Once more ends it at once.')
    controller.abort()
  }
  for (const signal of signals) process.on(signal, interrupt)
  return controller.signal
}

async function list(asJson: boolean): Promise<void> {
  const everything = await catalogue()
  print(asJson ? json(everything) : listText(everything))
}

async function check(path: string, model: string, asJson: boolean): Promise<void> {
  const { text, exitCode } = await checkCommand({ path, model, json: asJson })
  print(text)
  process.exitCode = exitCode
}

async function replay(path: string, asJson: boolean): Promise<void> {
  const { text, ...replayed } = await replayRepro(path, process.cwd())
  print(asJson ? json(replayed) : text)
  process.exitCode = exitCodes[replayed.verdict]
}

async function report(folder: string, asJson: boolean): Promise<void> {
  show(await renderReports(resolve(folder)), { asJson, brief: false })
}

/** Prints a run, and where its reports are. */
function show({ saved, files }: Rendered, { asJson, brief }: { asJson: boolean; brief: boolean }): void {
  if (asJson) {
    print(json(saved.record))
    return
  }
  const colors = process.stdout.isTTY === true && !process.env.NO_COLOR
  print(textReport(saved, { colors, brief }))
  print(`\nReport  ${shortPath(files.html)}\n        with run.json, junit.xml, summary.md and report.txt beside it`)
}

function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2)
}

/** Tells why nothing could be run: as JSON where JSON was asked for, so that standard output stays one document. */
function tell(thrown: unknown, asJson: boolean): void {
  const code = codeOf(thrown)
  const message = messageOf(thrown)
  if (asJson) print(json({ error: { code, message } }))
  // Commander has told its own errors already.
  if (!(thrown instanceof CommanderError)) process.stderr.write(`raceproof: ${code}: ${message}\n`)
  if (code === 'ERR_INTERNAL' && thrown instanceof Error) process.stderr.write(`${thrown.stack}\n`)
}

function codeOf(thrown: unknown): ErrorCode {
  if (thrown instanceof HarnessError) return thrown.code
  return thrown instanceof CommanderError ? 'ERR_USAGE' : 'ERR_INTERNAL'
}

async function main(args: string[]): Promise<void> {
  const fail = (thrown: unknown) => {
    tell(thrown, args.includes('--json'))
    process.exitCode = couldNotRun
  }
  // Code of the user's that fails on its own time must not end in an exit code that means something else.
  process.on('uncaughtException', (error) => {
    fail(error)
    process.exit()
  })
  // Whoever reads the output may leave early, as `head` does; the run and its exit code are as they are.
  process.stdout.on('error', () => {})
  try {
    await program().parseAsync(args)
  } catch (thrown) {
    // Help and the version end the program by an exception too, with exit code 0.
    if (!(thrown instanceof CommanderError && thrown.exitCode === 0)) fail(thrown)
  }
  await Promise.all([written(process.stdout), written(process.stderr)])
  // Left to itself, Node waits for every request on a connection that was cut off to be answered, and some never are: it
  // would turn in a circle for ever.
  process.exit()
}

/** Resolves when what was printed has left the process, or nobody reads it any more. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}

await main(process.argv)
