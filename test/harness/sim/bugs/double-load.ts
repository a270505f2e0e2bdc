import { readFile } from 'node:fs/promises'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { type Bug, pause } from './bug.ts'

/** Looks a text up in memory, and loads it from its file when it is not there. */
class Cache {
  loads = 0
  protected readonly texts = new Map<string, string | Promise<string>>()

  async get(path: string): Promise<string> {
    const known = this.texts.get(path)
    if (known !== undefined) return known
    const text = this.load(path)
    this.texts.set(path, text)
    return text
  }

  protected load(path: string): Promise<string> {
    this.loads++
    return readFile(path, 'utf8')
  }
}

/** Remembers a text only once it is there, so that others who ask meanwhile load it again. */
class ForgetfulCache extends Cache {
  override async get(path: string): Promise<string> {
    const known = this.texts.get(path)
    if (known !== undefined) return known
    const text = await this.load(path)
    this.texts.set(path, text)
    return text
  }
}

async function twoReaders(sim: Sim, cache: Cache): Promise<void> {
  sim.file('/srv/metadata.json', '{}')
  const read = async (delayMs: number) => {
    await pause(delayMs)
    await cache.get('/srv/metadata.json')
  }
  await Promise.all([read(1), read(4)])
  if (cache.loads !== 1) throw new Error(`the file was loaded ${cache.loads} times`)
}

/** A key is loaded twice when it is asked for while it is loaded. */
export const doubleLoad: Bug = {
  name: 'double load',
  defective: (sim) => twoReaders(sim, new ForgetfulCache()),
  correct: (sim) => twoReaders(sim, new Cache()),
}
