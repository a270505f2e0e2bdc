import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { HarnessError, messageOf } from '../errors.ts'
import type { RunRecord } from '../record.ts'

/** The folder that a run leaves behind, with `run.json` in it from the first moment on. */
export class RunFolder {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** Makes the folder and writes the first record. Throws `ERR_OUTPUT` when it cannot, before anything is started. */
  static async make(path: string, record: RunRecord): Promise<RunFolder> {
    const folder = new RunFolder(resolve(path))
    await folder.#writing('', (path) => mkdir(path, { recursive: true }))
    await folder.save(record)
    return folder
  }

  /** Replaces `run.json` as a whole, so that a reader never sees half of it. */
  async save(record: RunRecord): Promise<void> {
    await this.#writing('run.json', async (path) => {
      await writeFile(`${path}.tmp`, `${JSON.stringify(record, null, 2)}\n`)
      await rename(`${path}.tmp`, path)
    })
  }

  async #writing(file: string, write: (path: string) => Promise<unknown>): Promise<void> {
    const path = join(this.path, file)
    try {
      await write(path)
    } catch (thrown) {
      throw new HarnessError(
        'ERR_OUTPUT',
        `cannot write ${path}: ${messageOf(thrown)}. Name another folder with --out.`,
        { cause: thrown },
      )
    }
  }
}

/** The folder of a run that was not given one: unique, and sorted by time in a listing. */
export function defaultFolder(cwd: string, startedAt: Date, seed: number): string {
  const stamp = startedAt.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return join(cwd, 'reports', 'runs', `${stamp}-${seed}-${process.pid}`)
}
