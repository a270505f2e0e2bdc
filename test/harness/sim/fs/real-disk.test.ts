import '../../../../harness/register.ts'
import fs from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { inTemporaryFolder, scheduled } from './temporary-folder.ts'

describe('the real disk', () => {
  it('shows through, and is never changed', async () => {
    await inTemporaryFolder(async (folder) => {
      const at = (name: string) => join(folder, name)
      fs.mkdirSync(at('kept'))
      for (const name of ['kept/f', 'g', 'h']) fs.writeFileSync(at(name), 'real')
      const before = tree(folder)
      const inside = await scheduled(async () => {
        fs.appendFileSync(at('kept/f'), ' and more')
        fs.renameSync(at('g'), at('kept/g'))
        await fs.promises.rm(at('h'))
        await fs.promises.writeFile(at('new'), 'new')
        fs.chmodSync(at('kept'), 0o700)
        return tree(folder)
      })
      expect(inside).toEqual(['kept 700', 'kept/f real and more', 'kept/g real', 'new new'])
      expect(tree(folder)).toEqual(before)
      expect(await scheduled(() => tree(folder))).toEqual(before)
    })
  })

  it('forgets each schedule', async () => {
    await scheduled(() => fs.writeFileSync('/tmp/raceproof-forgotten', 'text'))
    expect(await scheduled(() => fs.existsSync('/tmp/raceproof-forgotten'))).toBe(false)
    expect(fs.existsSync('/tmp/raceproof-forgotten')).toBe(false)
  })

  it('is the same disk for all processes of a schedule', async () => {
    const text = await scheduled(async (sim) => {
      sim.file('/data/shared/state.json', '{}')
      await sim.process('writer', () => fs.promises.writeFile('/data/shared/state.json', '{"by":"writer"}'))
      return sim.process('reader', () => fs.readFileSync('/data/shared/state.json', 'utf8'))
    })
    expect(text).toBe('{"by":"writer"}')
  })

  it('still gives modules to require', async () => {
    await inTemporaryFolder(async (folder) => {
      fs.writeFileSync(join(folder, 'part.cjs'), 'module.exports = 41 + 1')
      const require = createRequire(join(folder, 'main.js'))
      expect(await scheduled(() => require('./part.cjs'))).toBe(42)
    })
  })
})

describe('what cannot be simulated', () => {
  it('is named: devices', async () => {
    const { findings } = await simulate(() => readFile('/dev/zero'))
    expect(findings[0]).toMatchObject({ kind: 'refused' })
    expect(findings[0]?.message).toContain('opening /dev/zero cannot be simulated: what lies behind it is real')
  })

  // From Node 22 on, all web streams of files are of bytes.
  it.skipIf(Number.parseInt(process.versions.node, 10) >= 22)(
    'is named: the web stream of a native handle',
    async () => {
      const { findings } = await simulate(async (sim) => {
        sim.file('/f', 'text')
        const handle = await open('/f')
        await handle.readableWebStream().getReader().read()
      })
      expect(findings[0]).toMatchObject({ kind: 'refused' })
      expect(findings[0]?.message).toContain("use readableWebStream({ type: 'bytes' })")
    },
  )

  it('is named: a blob of a file', async () => {
    const { findings } = await simulate(() => fs.openAsBlob('/etc/hosts'))
    expect(findings[0]?.message).toContain('fs.openAsBlob cannot be simulated')
  })

  it('is named: the first import of a module', async () => {
    await inTemporaryFolder(async (folder) => {
      const late = join(folder, 'late.mjs')
      fs.writeFileSync(late, 'export const answer = 42')
      // The test runner replaces the imports that it sees.
      fs.writeFileSync(join(folder, 'loader.cjs'), 'module.exports = (path) => import(path)')
      const importNow = createRequire(join(folder, 'main.js'))('./loader.cjs') as (path: string) => Promise<unknown>
      const { findings } = await simulate(() => importNow(late))
      expect(findings[0]).toMatchObject({ kind: 'refused' })
      expect(findings[0]?.message).toContain(`import('${late}') cannot be simulated`)
    })
  })
})

describe('files that are left open', () => {
  it('are leftovers, with their paths and their processes; so are watchers', async () => {
    const { leftovers } = await simulate(async (sim) => {
      sim.file('/tmp/open', '')
      await sim.process('careless', async () => {
        fs.openSync('/tmp/open', 'r')
      })
      fs.watch('/tmp/open', () => {})
      fs.watch('/tmp/open', { persistent: false }, () => {})
      await (await open('/tmp/open')).close()
    })
    expect(leftovers).toEqual([
      { kind: 'file', what: 'descriptor 1000000 of /tmp/open', node: 'careless' },
      { kind: 'watcher', what: 'a watcher of /tmp/open', node: 'main' },
    ])
  })
})

/** Each file and folder below, with its content or its mode. */
function tree(folder: string, prefix = ''): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const name = `${prefix}${entry.name}`
    const path = join(folder, entry.name)
    if (!entry.isDirectory()) return [`${name} ${fs.readFileSync(path, 'utf8')}`]
    return [`${name} ${(fs.statSync(path).mode & 0o777).toString(8)}`, ...tree(path, `${name}/`)]
  })
}
