import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { entry } from '../../../harness/entry.ts'
import { call, folder, httpClient, serverProcess } from './fixture.ts'

/** Runs the program to its end. */
async function ended(args: string[]): Promise<{ code: number; stderr: string }> {
  const child = spawn(process.execPath, [entry('reference-impl/mcp/main'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  return { code: code as number, stderr }
}

describe('the program', () => {
  it.each([
    [['--transports', 'pigeon', '--state-dir', '/tmp'], "--transports must be one of stdio, http, both, got 'pigeon'"],
    [['--port', 'many', '--state-dir', '/tmp'], "--port must be a whole number from 0 to 65535, got 'many'"],
    [[], '--state-dir is missing'],
    [['--prot', '1'], "Unknown option '--prot'"],
  ])('refuses %j with one clear message', async (args, message) => {
    const { code, stderr } = await ended(args)
    expect(code).toBe(1)
    expect(stderr).toContain(message)
    expect(stderr).toContain('usage: ')
  })

  it('says that a port is taken', async () => {
    const args = ['--transports', 'http', '--state-dir', await folder()]
    const { mcpUrl } = await serverProcess(args)
    const { code, stderr } = await ended([...args, '--port', new URL(mcpUrl).port])
    expect([code, stderr.includes('EADDRINUSE')]).toEqual([1, true])
  })

  it('ends at the end of its input when it speaks stdio only, and leaves no exit code', async () => {
    const child = spawn(
      process.execPath,
      [entry('reference-impl/mcp/main'), '--transports', 'stdio', '--state-dir', await folder()],
      { stdio: ['pipe', 'ignore', 'pipe'] },
    )
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child.stderr, 'data')
    child.stdin.end()
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('goes on serving HTTP when the input of both transports ends', async () => {
    const { child, mcpUrl } = await serverProcess(['--state-dir', await folder()])
    child.stdin?.end()
    expect(await call(await httpClient(mcpUrl), 'get_metadata')).toHaveProperty('revision', 0)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('ends by itself at %s, although clients are connected', async (signal) => {
    const { child, mcpUrl } = await serverProcess(['--state-dir', await folder()])
    await call(await httpClient(mcpUrl), 'get_metadata')
    child.kill(signal)
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('writes nothing but MCP to its output', async () => {
    const { child, mcpUrl } = await serverProcess(['--state-dir', await folder()])
    const output = text(child.stdout!)
    await call(await httpClient(mcpUrl), 'get_metadata')
    child.kill('SIGTERM')
    expect(await output).toBe('')
  })
})
