import { describe, expect, it } from 'vitest'
import { OutputReader } from '../../../reference-impl/pipeline/output-reader.ts'
import { type Outcome, ProcessRunner } from '../../../reference-impl/pipeline/process-runner.ts'
import { isAlive, until } from './under-test.ts'

interface Run {
  outcome: Outcome
  stdout: string[]
  stderr: string[]
  pid: number
}

function runner(drainTimeoutMs = 60_000, maxLineLength = 1_000): ProcessRunner {
  return new ProcessRunner({ drainTimeoutMs, makeReader: (id) => new OutputReader(id, { maxLineLength }) })
}

async function run(
  script: string,
  made = runner(),
  onLine = (_line: string): Promise<void> | undefined => undefined,
): Promise<Run> {
  const lines = { stdout: [] as string[], stderr: [] as string[] }
  const execution = await made.start('test', ['bash', '-c', script])
  const outcome = await made.follow(execution, (source, line) => {
    lines[source].push(line)
    return onLine(line)
  })
  return { outcome, ...lines, pid: execution.pid }
}

describe('the process runner', () => {
  it('reads stdout and stderr to the end and tells the exit code', async () => {
    const { outcome, stdout, stderr } = await run('echo one; echo two >&2; echo three; exit 7')
    expect([outcome, stdout, stderr]).toEqual([{ exitCode: 7, signal: null, drained: true }, ['one', 'three'], ['two']])
  })

  it('reads what is still in the pipe when the process has ended', async () => {
    const { outcome, stdout } = await run('seq 10000')
    expect([outcome.drained, stdout.length, stdout.at(-1)]).toEqual([true, 10_000, '10000'])
  })

  it('waits for a process that the first one started and that still holds the pipe', async () => {
    const { outcome, stdout } = await run('(sleep 0.2; echo late) & echo early')
    expect([outcome, stdout]).toEqual([{ exitCode: 0, signal: null, drained: true }, ['early', 'late']])
  })

  it('cuts the output off, and kills who holds the pipe, when it does not end in time', async () => {
    const { outcome, stdout } = await run('sleep 600 & echo $!', runner(100))
    expect(outcome).toEqual({ exitCode: 0, signal: null, drained: false })
    const holder = Number(stdout[0])
    await until(() => !isAlive(holder))
  })

  it('cuts off the output of a process that left the group with the pipe', async () => {
    const { outcome, stdout } = await run('setsid sleep 5 & echo $!', runner(100))
    expect(outcome.drained).toBe(false)
    process.kill(Number(stdout[0]), 'SIGKILL')
  })

  it('does not count the time that we need ourselves as time in which the output does not end', async () => {
    const slowly = () => new Promise<void>((resolve) => setTimeout(resolve, 60))
    const { outcome, stdout } = await run('seq 10', runner(200), slowly)
    expect([outcome.drained, stdout.length]).toEqual([true, 10])
  })

  it('tells the signal that ended the process', async () => {
    expect((await run('kill -TERM $$')).outcome).toEqual({ exitCode: null, signal: 'SIGTERM', drained: true })
  })

  it('kills what the process has left running in its group, even when it holds no pipe', async () => {
    const { outcome, stdout } = await run('sleep 600 > /dev/null 2>&1 & echo $!')
    expect(outcome.drained).toBe(true)
    await until(() => !isAlive(Number(stdout[0])))
  })

  it('ends the process when its output can no longer be taken', async () => {
    const made = runner()
    const execution = await made.start('test', ['bash', '-c', 'yes'])
    const broken = new Error('nobody takes it')
    const followed = made.follow(execution, () => {
      throw broken
    })
    await expect(followed).rejects.toBe(broken)
    expect(isAlive(execution.pid)).toBe(false)
  })

  it('refuses a command that cannot be started', async () => {
    await expect(runner().start('test', ['/no/such/program'])).rejects.toThrow('ENOENT')
  })

  it('takes lines as they are: without a last newline, with carriage returns, empty, in any script', async () => {
    const { stdout } = await run(String.raw`printf 'one\r\n\n\xc3\xa9t\xc3\xa9\nlast'`)
    expect(stdout).toEqual(['one', '', 'été', 'last'])
  })

  it('splits lines that are too long, also one that never ends', async () => {
    const ended = await run('printf "%0.sx" $(seq 25); echo; echo y', runner(60_000, 10))
    expect(ended.stdout).toEqual(['x'.repeat(10), 'x'.repeat(10), 'x'.repeat(5), 'y'])
    const endless = await run("head -c 1000000 /dev/zero | tr '\\0' x", runner(60_000, 10))
    expect(endless.stdout).toHaveLength(100_000)
    expect(new Set(endless.stdout)).toEqual(new Set(['x'.repeat(10)]))
  })

  it('gives the process the environment of the server', async () => {
    process.env.PIPELINE_TEST = 'inherited'
    try {
      expect((await run('echo $PIPELINE_TEST')).stdout).toEqual(['inherited'])
    } finally {
      delete process.env.PIPELINE_TEST
    }
  })
})
