import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CheckpointCache } from './checkpoint-cache.ts'
import { sections } from './markdown.ts'

/** What must be true before a workflow may leave a phase. A phase that the library says nothing about asks nothing. */
export interface Checkpoint {
  readonly workflow: string
  readonly phase: string
  readonly requirements: readonly string[]
}

/**
 * Loads checkpoints from `<folder>/<workflow>.md`: one section a phase, one bullet a requirement. They ship with the
 * server and never change while it runs, so that they are cached, double-checked, without an end.
 */
export class CheckpointLoader {
  protected readonly folder: string
  protected readonly cache: CheckpointCache

  constructor(folder: string, cache: CheckpointCache) {
    this.folder = folder
    this.cache = cache
  }

  load(workflow: string, phase: string): Checkpoint | Promise<Checkpoint> {
    return this.cache.getOrCreate(`${workflow}/${phase}`, () => this.read(workflow, phase))
  }

  protected async read(workflow: string, phase: string): Promise<Checkpoint> {
    const text = await this.textOf(workflow)
    const section = sections(text).find(({ title }) => title === phase)
    const bullets = section?.body.match(/^- .+$/gm) ?? []
    return { workflow, phase, requirements: bullets.map((bullet) => bullet.slice(2)) }
  }

  protected async textOf(workflow: string): Promise<string> {
    try {
      return await readFile(join(this.folder, `${workflow}.md`), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
      throw error
    }
  }
}
