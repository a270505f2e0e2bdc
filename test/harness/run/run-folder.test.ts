import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RunFolder } from '../../../harness/run/run-folder.ts'
import { runRecord } from '../../reports/records.ts'

let parent: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'raceproof-folder-'))
})
afterEach(() => rm(parent, { recursive: true }))

describe('RunFolder', () => {
  it('gives each of many runs that begin in one second a folder of its own', async () => {
    const runs = Array.from({ length: 5 }, () => RunFolder.unique(join(parent, 'runs'), runRecord()))
    const paths = (await Promise.all(runs)).map(({ path }) => path)
    expect(new Set(paths).size).toBe(5)
    expect((await readdir(join(parent, 'runs'))).sort()[0]).toBe('2026-03-01T10-20-30-42')
  })

  it('replaces the record as a whole and leaves no other file', async () => {
    const folder = await RunFolder.at(join(parent, 'a', 'b'))
    await folder.save(runRecord({ notes: ['first, and longer than the second'] }))
    await folder.save(runRecord({ notes: ['second'] }))
    expect(JSON.parse(await readFile(join(folder.path, 'run.json'), 'utf8'))).toEqual(runRecord({ notes: ['second'] }))
    expect(await readdir(folder.path)).toEqual(['run.json'])
  })

  it('says so when the folder cannot be made or written', async () => {
    await writeFile(join(parent, 'file'), '')
    const below = join(parent, 'file', 'x')
    const unwritable = { code: 'ERR_OUTPUT', message: expect.stringContaining('--out') }
    await expect(RunFolder.at(below)).rejects.toMatchObject(unwritable)
    await expect(RunFolder.unique(below, runRecord())).rejects.toMatchObject(unwritable)
    const folder = await RunFolder.at(join(parent, 'gone'))
    await rm(folder.path, { recursive: true })
    await writeFile(folder.path, 'in the way')
    await expect(folder.save(runRecord())).rejects.toMatchObject(unwritable)
  })

  it.runIf(process.platform === 'linux')('says so where the system knows no folder that could be made', async () => {
    await expect(RunFolder.at('/proc/raceproof/run')).rejects.toMatchObject({ code: 'ERR_OUTPUT' })
  })
})
