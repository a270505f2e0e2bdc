import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { entry } from '../../../harness/entry.ts'
import { type Attempt, LockFile, type LockHolder } from '../../../reference-impl/mcp/lock-file.ts'
import { type Processes, ProcessTable } from '../../../reference-impl/mcp/process-table.ts'
import { folder, gate } from './fixture.ts'

const here = new ProcessTable()

function lockAt(path: string, processes: Processes = here, timeoutMs?: number): LockFile {
  return new LockFile({ path, name: 'test', processes, timeoutMs })
}

const module = (name: string) => JSON.stringify(pathToFileURL(entry(`reference-impl/mcp/${name}`)).href)

/** Runs a script in a process of its own, which finds `LockFile`, `processes` and its arguments there. */
function processRunning(script: string, ...args: string[]) {
  const source = `
    import { appendFile, readFile, writeFile } from 'node:fs/promises'
    import { LockFile } from ${module('lock-file')}
    import { ProcessTable } from ${module('process-table')}
    const processes = new ProcessTable()
    const args = process.argv.slice(1)
    ${script}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** A process that takes the lock and is killed while it holds it. */
async function killHolderOf(path: string): Promise<void> {
  const script = `await new LockFile({ path: args[0], name: 'test', processes }).run(async () => {
    console.log('held')
    await new Promise((resolve) => setTimeout(resolve, 2 ** 30))
  })`
  const child = processRunning(script, path)
  await once(createInterface({ input: child.stdout }), 'line')
  child.kill('SIGKILL')
  await once(child, 'exit')
}

describe('a lock file', () => {
  it('lets one task in at a time, and is gone when nobody is in', async () => {
    const path = join(await folder(), 'lock')
    let inside = 0
    let most = 0
    const enter = () =>
      lockAt(path).run(async () => {
        most = Math.max(most, ++inside)
        await new Promise((resolve) => setImmediate(resolve))
        inside--
      })
    await Promise.all(Array.from({ length: 8 }, enter))
    expect(most).toBe(1)
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await readdir(join(path, '..'))).toEqual([])
  })

  it('loses no count of four processes that add to one number', async () => {
    const dir = await folder()
    const counter = join(dir, 'counter')
    await writeFile(counter, '0')
    const script = `for (let turn = 0; turn < 25; turn++) {
      await new LockFile({ path: args[0], name: 'test', processes }).run(async () => {
        await writeFile(args[1], String(Number(await readFile(args[1], 'utf8')) + 1))
      })
    }`
    const children = Array.from({ length: 4 }, () => processRunning(script, join(dir, 'lock'), counter))
    const exits = await Promise.all(children.map((child) => once(child, 'exit')))
    expect(exits.map(([code]) => code)).toEqual([0, 0, 0, 0])
    expect(await readFile(counter, 'utf8')).toBe('100')
  })

  it('is let go when the section throws', async () => {
    const path = join(await folder(), 'lock')
    const failing = lockAt(path).run(() => Promise.reject(new Error('no luck')))
    await expect(failing).rejects.toThrow('no luck')
    expect(await lockAt(path).run(async () => 'in')).toBe('in')
  })

  it('is not taken from a living holder, and says who holds it when time is up', async () => {
    const path = join(await folder(), 'lock')
    const held = gate()
    const { opened, open } = gate()
    const holding = lockAt(path).run(async () => {
      held.open()
      await opened
    })
    await held.opened
    await expect(lockAt(path, here, 30).run(async () => 'in')).rejects.toThrow(
      new RegExp(`waited 30 ms for ${path}, which process ${here.self} holds`),
    )
    open()
    await holding
  })
})

describe('the lock file of a killed process', () => {
  it('is taken over by exactly one of many waiters at a time', async () => {
    const dir = await folder()
    const path = join(dir, 'lock')
    await killHolderOf(path)
    const script = `await new LockFile({ path: args[0], name: 'test', processes }).run(async () => {
      await appendFile(args[1], 'in ')
      await new Promise((resolve) => setTimeout(resolve, 5))
      await appendFile(args[1], 'out ')
    })`
    const waiters = Array.from({ length: 4 }, () => processRunning(script, path, join(dir, 'log')))
    await Promise.all(waiters.map((child) => once(child, 'exit')))
    expect(await readFile(join(dir, 'log'), 'utf8')).toBe('in out '.repeat(4))
    expect(await readdir(dir)).toEqual(['log'])
  })

  it('lets in one task at a time when many find it stale at the same moment', async () => {
    const path = join(await folder(), 'lock')
    for (let round = 0; round < 10; round++) {
      await writeFile(path, JSON.stringify({ process: '999999999@1', token: `dead-${round}` }))
      let inside = 0
      const enter = () =>
        lockAt(path).run(async () => {
          expect(++inside).toBe(1)
          await new Promise((resolve) => setTimeout(resolve, 2))
          inside--
        })
      await Promise.all(Array.from({ length: 4 }, enter))
    }
  })

  it('is not taken a second time by a waiter that found it stale before the first one took it', async () => {
    const path = join(await folder(), 'lock')
    await killHolderOf(path)
    const looked = gate()
    const goOn = gate()
    class Late extends LockFile {
      protected override async takeOver(at: string, attempt: Attempt, stale: LockHolder): Promise<boolean> {
        looked.open()
        await goOn.opened
        return super.takeOver(at, attempt, stale)
      }
    }
    const order: string[] = []
    const late = new Late({ path, name: 'test', processes: here }).run(async () => void order.push('late in'))
    await looked.opened
    const early = lockAt(path).run(async () => {
      order.push('early in')
      goOn.open()
      await new Promise((resolve) => setTimeout(resolve, 50))
      order.push('early out')
    })
    await Promise.all([late, early])
    expect(order).toEqual(['early in', 'early out', 'late in'])
  })

  it('is taken over although the one that was about to do so died as well', async () => {
    const path = join(await folder(), 'lock')
    const dead = (token: string) => JSON.stringify({ process: '999999999@1', token })
    await writeFile(path, dead('first'))
    await writeFile(`${path}.takeover-first`, dead('second'))
    expect(await lockAt(path).run(async () => 'in')).toBe('in')
    expect(await readdir(join(path, '..'))).toEqual([])
  })

  it('is recognised although another process has its number by now', async () => {
    const path = join(await folder(), 'lock')
    await writeFile(path, JSON.stringify({ process: `${process.pid}@1`, token: 'older' }))
    expect(await lockAt(path).run(async () => 'in')).toBe('in')
  })
})

describe('the process table', () => {
  it('knows that this process lives', () => {
    expect(here.isAlive(here.self)).toBe(true)
  })

  it('knows by its number alone whether a process lives, where its start cannot be told', () => {
    expect(here.isAlive(`${process.pid}@`)).toBe(true)
    expect(here.isAlive('999999999@')).toBe(false)
  })

  it('takes a killed process for dead before its parent has collected it', async () => {
    const child = processRunning('console.log(processes.self); setInterval(() => {}, 1000)')
    const [name] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    expect(here.isAlive(name)).toBe(true)
    const collected = once(child, 'exit')
    child.kill('SIGKILL')
    // This thread collects it when it turns to its events again, which it does not do in here.
    for (let looks = 0; looks < 300_000 && here.isAlive(name); looks++);
    expect(here.isAlive(name)).toBe(false)
    await collected
  })
})
