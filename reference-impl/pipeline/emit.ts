import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** What to print: numbered lines, `from` … `lines` on stdout and 1 … `stderrLines` on stderr. */
interface Emission {
  from: number
  lines: number
  stderrLines: number
  /** Lines per second of both together; 0 is as fast as the pipes take them. */
  rate: number
  /** Lines are padded with dots to this length. */
  lineBytes: number
  exitCode: number
  /** So many of the last lines are left to a process that outlives this one … */
  handOverLines: number
  /** … and that begins to print so long after this one has ended. */
  handOverDelayMs: number
}

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    lines: { type: 'string', default: '20' },
    'stderr-lines': { type: 'string', default: '0' },
    rate: { type: 'string', default: '0' },
    'line-bytes': { type: 'string', default: '0' },
    'exit-code': { type: 'string', default: '0' },
    'hand-over-lines': { type: 'string', default: '0' },
    'hand-over-delay-ms': { type: 'string', default: '0' },
    'wait-for-end-of': { type: 'string' },
  },
})

const emission: Emission = {
  from: Number(values.from),
  lines: Number(values.lines),
  stderrLines: Number(values['stderr-lines']),
  rate: Number(values.rate),
  lineBytes: Number(values['line-bytes']),
  exitCode: Number(values['exit-code']),
  handOverLines: Number(values['hand-over-lines']),
  handOverDelayMs: Number(values['hand-over-delay-ms']),
}

const parent = values['wait-for-end-of']
if (parent !== undefined) {
  await endOf(Number(parent))
  await sleep(emission.handOverDelayMs)
  await print({ ...emission, handOverLines: 0 })
} else {
  if (emission.handOverLines > 0) handOver(emission)
  await print(emission)
  process.exitCode = emission.exitCode
}

/** Prints on both pipes, interleaved so that both end at about the same time. */
async function print({ from, lines, stderrLines, rate, lineBytes, handOverLines }: Emission): Promise<void> {
  const last = lines - handOverLines
  const total = last - from + 1 + stderrLines
  const startedMs = performance.now()
  let onStderr = 0
  for (let printed = 0; printed < total; printed++) {
    if (rate > 0) await sleep(startedMs + (printed * 1000) / rate - performance.now())
    const toStderr = onStderr < stderrLines && onStderr * total <= printed * stderrLines
    if (toStderr) await write(process.stderr, padded(`line ${++onStderr} of ${stderrLines}`, lineBytes))
    else await write(process.stdout, padded(`line ${from + printed - onStderr} of ${lines}`, lineBytes))
  }
}

/** Starts the process that prints the last lines; it inherits the pipes and the process group. */
function handOver({ lines, handOverLines, rate, lineBytes, handOverDelayMs }: Emission): void {
  const options = {
    from: lines - handOverLines + 1,
    lines,
    rate,
    'line-bytes': lineBytes,
    'hand-over-delay-ms': handOverDelayMs,
    'wait-for-end-of': process.pid,
  }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], { stdio: 'inherit' }).unref()
}

async function endOf(pid: number): Promise<void> {
  while (process.ppid === pid) await sleep(5)
}

function padded(line: string, bytes: number): string {
  return `${line.length < bytes ? `${line} `.padEnd(bytes, '.') : line}\n`
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => stream.write(text, (error) => (error ? reject(error) : resolve())))
}

function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, delayMs)))
}
