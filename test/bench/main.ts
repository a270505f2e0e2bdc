import { readdirSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { asked } from '../asked.ts'
import type { BenchOptions, Figure } from './figure.ts'

/** A benchmark: a module beside this one that exports `figures`. */
type Benchmark = (options: BenchOptions) => Promise<Figure[]>

const usage = 'npm run bench -- [NAME…] [--json] [--schedules N] [--seed N] [--scenario NAME]… [--defect NAME]…'

/**
 * Measures all figures, or those of the named benchmarks. `--schedules`, `--seed`, `--scenario` and `--defect` run a part of
 * those that take very long.
 */
async function main(): Promise<void> {
  const benchmarks = await load()
  const { names, json, options } = asked(() => commandLine([...benchmarks.keys()]), usage)
  const figures: Figure[] = []
  for (const name of names) {
    const measured = await (benchmarks.get(name) as Benchmark)(options)
    figures.push(...measured)
    if (!json) for (const figure of measured) process.stdout.write(`${row(figure)}\n`)
  }
  if (json) process.stdout.write(`${JSON.stringify({ machine: machine(), figures }, null, 2)}\n`)
}

/** Throws when an option does not exist or has no value of its kind, or there is no benchmark of a name. */
function commandLine(known: readonly string[]): { names: readonly string[]; json: boolean; options: BenchOptions } {
  const { values, positionals } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      schedules: { type: 'string' },
      seed: { type: 'string' },
      scenario: { type: 'string', multiple: true },
      defect: { type: 'string', multiple: true },
    },
    allowPositionals: true,
  })
  const unknown = positionals.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`no benchmark is called ${unknown.join(', ')}; there are ${known.join(', ')}`)
  const options = {
    schedules: wholeNumber('--schedules', values.schedules),
    seed: wholeNumber('--seed', values.seed),
    scenarios: values.scenario,
    defects: values.defect,
  }
  return { names: positionals.length > 0 ? positionals : known, json: values.json, options }
}

function wholeNumber(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return Number(text)
  throw new Error(`${flag}: expected a whole number, got '${text}'`)
}

async function load(): Promise<ReadonlyMap<string, Benchmark>> {
  const names = readdirSync(import.meta.dirname)
    .map((file) => /^([a-z-]+)\.js$/.exec(file)?.[1])
    .filter((name) => name !== undefined && name !== 'main')
  const modules = await Promise.all(names.map((name) => import(join(import.meta.dirname, `${name}.js`))))
  const pairs = modules.map(({ figures }, index) => [names[index] as string, figures as Benchmark] as const)
  return new Map(pairs.filter(([, figures]) => typeof figures === 'function'))
}

function machine() {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: availableParallelism(),
    memoryMiB: Math.round(totalmem() / 2 ** 20),
  }
}

function row({ name, value, unit, peer, peerValue, ratio, goal, met }: Figure): string {
  const measured = `${rounded(value)} ${unit}`.padStart(16)
  const beside =
    peer === null ? '' : `${peer} ${rounded(peerValue ?? Number.NaN)} ${unit}, × ${rounded(ratio ?? Number.NaN)}`
  const mark = met ? styleText('green', '✓') : styleText('red', '✗')
  return `${mark} ${name.padEnd(52)} ${measured}   goal ${goal.padEnd(22)} ${beside}`
}

/** Three significant digits, without an exponent. */
function rounded(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(3)).toString()
}

await main()
