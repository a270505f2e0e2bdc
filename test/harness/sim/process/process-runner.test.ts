import '../../../../harness/register.ts'
import { describe, expect, it } from 'vitest'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { OutputReader } from '../../../../reference-impl/pipeline/output-reader.ts'
import { type OnOutput, type Outcome, ProcessRunner } from '../../../../reference-impl/pipeline/process-runner.ts'
import { emitProgram } from '../../../../reference-impl/pipeline/target-programs.ts'
import { builtFile } from '../../../../reference-impl/sync/built-file.ts'
import { thrownBy } from '../both-worlds.ts'

const emit = builtFile('reference-impl/pipeline/emit')
const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs))
const seeds = Array.from({ length: 40 }, (_, seed) => seed)

interface Run {
  outcome: Outcome
  stdout: string[]
  stderr: string[]
}

/** Runs `emit` under the pipeline's own runner, and reads it to the end. */
async function runEmit(options: readonly string[], { drainTimeoutMs = 1000, slow = false } = {}): Promise<Run> {
  const makeReader = (id: string) => new OutputReader(id, { maxLineLength: 1000 })
  const runner = new ProcessRunner({ drainTimeoutMs, makeReader })
  const execution = await runner.start('plan', [process.execPath, emit, ...options])
  const lines: Record<'stdout' | 'stderr', string[]> = { stdout: [], stderr: [] }
  const take: OnOutput = (source, line) => {
    lines[source].push(line)
    return slow ? sleep(7) : undefined
  }
  return { outcome: await runner.follow(execution, take), ...lines }
}

async function simulated(options: readonly string[], settings: Parameters<typeof runEmit>[1] & { seed: number }) {
  const result = await simulate(
    (sim: Sim) => {
      sim.program('emit', emitProgram)
      return runEmit(options, settings)
    },
    { seed: settings.seed },
  )
  const { status, findings, leftovers } = result
  expect({ status, findings, leftovers }).toEqual({ status: 'done', findings: [], leftovers: [] })
  return result.value as Run
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, place) => `line ${from + place} of ${to}`)

describe('the process runner of the pipeline, unmodified', () => {
  const options = ['--lines', '30', '--stderr-lines', '5', '--exit-code', '3', '--line-bytes', '40']

  it('reads in a schedule what it reads from the real command', async () => {
    const real = await runEmit(options)
    for (const seed of seeds) expect(await simulated(options, { seed })).toEqual(real)
  })

  it('reads all lines of a slow command, at its pace', async () => {
    for (const seed of seeds.slice(0, 10)) {
      const { outcome, stdout } = await simulated(['--lines', '5', '--rate', '10'], { seed })
      expect({ outcome, stdout }).toEqual({
        outcome: { exitCode: 0, signal: null, drained: true },
        stdout: numbered(1, 5),
      })
    }
  })

  it('holds the command up while its lines are not taken, and its clock stands still meanwhile', async () => {
    for (const seed of seeds.slice(0, 5)) {
      const settings = { seed, slow: true, drainTimeoutMs: 50 }
      const { outcome, stdout } = await simulated(['--lines', '300', '--line-bytes', '900'], settings)
      expect(outcome).toEqual({ exitCode: 0, signal: null, drained: true })
      expect(stdout).toHaveLength(300)
    }
  })

  it('reads what a process prints that has outlived its parent', async () => {
    const handOver = ['--lines', '12', '--hand-over-lines', '4', '--hand-over-delay-ms', '40']
    const real = await runEmit(handOver)
    for (const seed of seeds) expect(await simulated(handOver, { seed })).toEqual(real)
  })

  it('cuts off an heir that comes too late, and kills the whole group', async () => {
    const handOver = ['--lines', '12', '--hand-over-lines', '4', '--hand-over-delay-ms', '60000']
    const real = await runEmit(handOver, { drainTimeoutMs: 100 })
    expect(real.outcome.drained).toBe(false)
    for (const seed of seeds) expect(await simulated(handOver, { seed, drainTimeoutMs: 100 })).toEqual(real)
  })

  it('ends by the signal that killed the command', async () => {
    const { value, leftovers } = await simulate(async (sim) => {
      sim.program('emit', emitProgram)
      const makeReader = (id: string) => new OutputReader(id, { maxLineLength: 1000 })
      const runner = new ProcessRunner({ drainTimeoutMs: 100, makeReader })
      const execution = await runner.start('plan', [process.execPath, emit, '--rate', '1'])
      setTimeout(() => runner.kill(execution), 2500)
      const outcome = await runner.follow(execution, () => undefined)
      runner.kill(execution)
      return outcome
    })
    expect(value).toEqual({ exitCode: null, signal: 'SIGKILL', drained: true })
    expect(leftovers).toEqual([])
  })

  it('rejects when the command does not exist', async () => {
    const makeReader = (id: string) => new OutputReader(id, { maxLineLength: 1000 })
    const start = () => thrownBy(() => new ProcessRunner({ drainTimeoutMs: 1, makeReader }).start('plan', ['no-such']))
    const real = await start()
    const { value } = await simulate(start)
    expect(value).toEqual(real)
    expect(value).toMatchObject({ code: 'ENOENT' })
  })
})
