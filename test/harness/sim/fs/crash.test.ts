import '../../../../harness/register.ts'
import fs from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { fault } from '../../../../harness/fault/faults.ts'
import { active } from '../../../../harness/sim/active.ts'
import type { Simulation } from '../../../../harness/sim/core/simulation.ts'
import { endProcess } from '../../../../harness/sim/process/end-process.ts'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { thrownBy } from '../both-worlds.ts'
import { scheduled } from './temporary-folder.ts'

const file = '/tmp/raceproof-crash'

function simulation(): Simulation {
  return active.current as Simulation
}

/** Starts a process that writes, syncs where `|` stands, and never ends; crashes it when it has written everything. */
async function crashedWriter(sim: Sim, parts: readonly string[], torn?: () => number): Promise<string> {
  let isWritten = false
  const ended = sim.process('writer', async () => {
    const handle = await open(file, 'w')
    for (const part of parts) await (part === '|' ? handle.sync() : handle.write(part))
    isWritten = true
    await new Promise(() => {})
  })
  ended.catch(() => {}) // It never ends by itself.
  while (!isWritten) await sleep(1)
  const node = simulation().nodeNamed('writer')
  if (torn !== undefined) simulation().files.crash(node, { torn })
  endProcess(simulation(), node)
  return sim.readFile(file).toString()
}

describe('the crash of a process', () => {
  it('keeps what it wrote, and closes what it had open', async () => {
    const { value, leftovers } = await simulate((sim) => crashedWriter(sim, ['one ', 'two']))
    expect({ value, leftovers }).toEqual({ value: 'one two', leftovers: [] })
  })

  it('leaves an operation that was under way done or not done', async () => {
    const seen = new Set<boolean>()
    for (let seed = 1; seed <= 20; seed++) {
      const exists = await scheduled(async (sim) => {
        const ended = sim.process('writer', () => {
          fs.mkdir('/tmp/raceproof-half', () => expect.unreachable())
          endProcess(simulation(), simulation().node)
        })
        await thrownBy(() => ended)
        return fs.existsSync('/tmp/raceproof-half')
      }, seed)
      seen.add(exists)
    }
    expect(seen).toEqual(new Set([true, false]))
  })
})

describe('a crash with torn writes', () => {
  it.each([
    [0, ''],
    [2, 'on'],
    [3, 'one'],
    [5, 'onetw'],
    [6, 'onetwo'],
  ])('keeps %i bytes of what was not synced', async (draw, left) => {
    expect(await scheduled((sim) => crashedWriter(sim, ['one', 'two'], () => draw))).toBe(left)
  })

  it('never takes what was synced', async () => {
    expect(await scheduled((sim) => crashedWriter(sim, ['one', '|', 'two'], () => 0))).toBe('one')
    expect(await scheduled((sim) => crashedWriter(sim, ['one', 'two', '|'], () => 0))).toBe('onetwo')
  })

  it('leaves what other processes wrote', async () => {
    const text = await scheduled(async (sim) => {
      fs.writeFileSync(file, 'mine ')
      const node = simulation().nodeNamed('other')
      simulation().within(node, () => fs.appendFileSync(file, 'theirs'))
      simulation().files.crash(node, { torn: () => 0 })
      return sim.readFile(file).toString()
    })
    expect(text).toBe('mine ')
  })

  it('happens while the fault lasts, to the files that it names', async () => {
    const texts = new Set<string>()
    for (let seed = 1; seed <= 30; seed++) {
      texts.add(
        await scheduled(async (sim) => {
          fault.tornWrite({ path: /crash$/ }).onFiles?.(simulation().files.faults)
          return crashedWriter(sim, ['one', 'two'])
        }, seed),
      )
    }
    expect(texts.size).toBeGreaterThan(3)
    for (const text of texts) expect('onetwo'.startsWith(text)).toBe(true)
    const healed = await scheduled(async (sim) => {
      fault.tornWrite().onFiles?.(simulation().files.faults)()
      fault.tornWrite({ path: 'elsewhere' }).onFiles?.(simulation().files.faults)
      return crashedWriter(sim, ['one', 'two'])
    })
    expect(healed).toBe('onetwo')
  })
})

describe('faults of the disk', () => {
  it('fail with the error of that code, until they are healed', async () => {
    const [failed, missing, healed] = await scheduled(async () => {
      const full = fault.fsError({ code: 'ENOSPC', operations: ['write'], path: 'raceproof-' })
      const heal = full.onFiles?.(simulation().files.faults)
      const failed = await thrownBy(() => writeFile(file, 'text'))
      const left = fs.readFileSync(file, 'utf8')
      heal?.()
      return [failed, left, await thrownBy(() => writeFile(file, 'text'))]
    })
    expect(failed).toEqual({ name: 'Error', code: 'ENOSPC', message: 'ENOSPC: no space left on device, write' })
    expect([missing, healed]).toEqual(['', undefined])
  })

  it('hit a share of the operations, the same ones for one seed', async () => {
    const hits = (seed: number) =>
      scheduled(async () => {
        fault.fsError({ code: 'ENOENT', operations: ['stat'], share: 0.5 }).onFiles?.(simulation().files.faults)
        return Array.from({ length: 40 }, () => fs.existsSync('/'))
      }, seed)
    const some = await hits(3)
    expect(some.filter((there) => !there).length).toBeGreaterThan(8)
    expect(some.filter((there) => there).length).toBeGreaterThan(8)
    expect(await hits(3)).toEqual(some)
    expect(await hits(4)).not.toEqual(some)
  })

  it('let a write take fewer bytes, which whole-file writers make up for', async () => {
    const { written, text } = await scheduled(async () => {
      fault.shortWrite().onFiles?.(simulation().files.faults)
      const handle = await open(file, 'w')
      const { bytesWritten } = await handle.write('0123456789')
      await handle.close()
      await writeFile(file, '0123456789')
      return { written: bytesWritten, text: fs.readFileSync(file, 'utf8') }
    })
    expect(written).toBeGreaterThan(0)
    expect(written).toBeLessThan(10)
    expect(text).toBe('0123456789')
  })

  it('refuse figures that make no sense', () => {
    expect(() => fault.fsError({ code: 'full' })).toThrow('expected code to be the name of a system error')
    expect(() => fault.fsError({ code: 'EIO', share: 0 })).toThrow('expected share to be in (0, 1], got 0')
    expect(() => fault.shortWrite({ share: 2 })).toThrow('expected share to be in (0, 1], got 2')
  })
})
