import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { builtFile } from '../../../reference-impl/sync/built-file.ts'

const main = builtFile('reference-impl/state/main')

describe('the state server as a program', () => {
  it('prints where it listens, serves, and drains on SIGTERM', async () => {
    const program = execa(process.execPath, [main, '--port', '0'], { reject: false, forceKillAfterDelay: 20_000 })
    const [line] = (await once(createInterface(program.stdout), 'line')) as [string]
    const { url } = JSON.parse(line) as { url: string }
    const started = await fetch(`${url}/api/simulations`, { method: 'POST', body: '{"steps":10000000}' })
    expect(started.status).toBe(201)
    program.kill('SIGTERM')
    const { exitCode, stderr } = await program
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  })

  it('refuses a port that is none', async () => {
    const { exitCode, stderr } = await execa(process.execPath, [main, '--port', 'http'], { reject: false })
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain("--port must be a whole number from 0 to 65535, got 'http'")
  })
})
