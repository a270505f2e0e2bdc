import { parseArgs } from 'node:util'
import type { SimChild } from 'raceproof'
import { builtFile } from '../sync/built-file.ts'

/** The command of a plan that prints a thousand dots within a second and no end of the line, and does not end by itself. */
export const dots = [process.execPath, builtFile('reference-impl/pipeline/dots')]

/** What that command does in the simulated world, where no real program runs. */
export async function dotsProgram({ stdout }: SimChild): Promise<void> {
  for (let shown = 0; shown < 20; shown++) {
    await sleep(20)
    await write(stdout, '.'.repeat(50))
  }
  await sleep(600_000)
}

/** A command that is not there. */
export const noSuchCommand = ['no-such-command']

/** The options of `emit`, as {@link emitProgram} understands them; `emit.ts` says what they mean. */
const options = {
  from: { type: 'string', default: '1' },
  lines: { type: 'string', default: '20' },
  'stderr-lines': { type: 'string', default: '0' },
  rate: { type: 'string', default: '0' },
  'line-bytes': { type: 'string', default: '0' },
  'exit-code': { type: 'string', default: '0' },
  'hand-over-lines': { type: 'string', default: '0' },
  'hand-over-delay-ms': { type: 'string', default: '0' },
} as const

interface Emission {
  from: number
  last: number
  lines: number
  stderrLines: number
  rate: number
  lineBytes: number
}

/**
 * What the command `emit` does, for the simulated world, where no real program runs: the same lines in the same order, at
 * the same pace, with the same exit code, and handed over to a process that outlives it in the same way.
 */
export async function emitProgram(child: SimChild): Promise<void> {
  const { values } = parseArgs({ args: child.argv.slice(1), options })
  const count = (name: keyof typeof options) => Number(values[name])
  const lines = count('lines')
  const handedOver = count('hand-over-lines')
  const emission = {
    from: count('from'),
    last: lines - handedOver,
    lines,
    stderrLines: count('stderr-lines'),
    rate: count('rate'),
    lineBytes: count('line-bytes'),
  }
  if (handedOver > 0) {
    const rest = { ...emission, from: emission.last + 1, last: lines, stderrLines: 0 }
    const delayMs = count('hand-over-delay-ms')
    child.spawn((heir) => printAfter(child.pid, delayMs, heir, rest))
  }
  await print(child, emission)
  child.exit(count('exit-code'))
}

async function printAfter(parent: number, delayMs: number, child: SimChild, emission: Emission): Promise<void> {
  while (child.ppid === parent) await sleep(5)
  await sleep(delayMs)
  await print(child, emission)
}

/** Prints on both pipes, interleaved so that both end at about the same time. */
async function print({ stdout, stderr }: SimChild, emission: Emission): Promise<void> {
  const { from, last, lines, stderrLines, rate, lineBytes } = emission
  const total = last - from + 1 + stderrLines
  const startedMs = performance.now()
  let onStderr = 0
  for (let printed = 0; printed < total; printed++) {
    if (rate > 0) await sleep(startedMs + (printed * 1000) / rate - performance.now())
    const toStderr = onStderr < stderrLines && onStderr * total <= printed * stderrLines
    if (toStderr) await write(stderr, padded(`line ${++onStderr} of ${stderrLines}`, lineBytes))
    else await write(stdout, padded(`line ${from + printed - onStderr} of ${lines}`, lineBytes))
  }
}

function padded(line: string, bytes: number): string {
  return `${line.length < bytes ? `${line} `.padEnd(bytes, '.') : line}\n`
}

function write(stream: SimChild['stdout'], text: string): Promise<void> {
  return new Promise((resolve, reject) => stream.write(text, (error) => (error ? reject(error) : resolve())))
}

function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, delayMs)))
}
