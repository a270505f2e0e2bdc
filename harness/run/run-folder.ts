import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { HarnessError, messageOf } from '../errors.ts'
import type { RunRecord } from '../record.ts'
import { makeFolder } from './make-folder.ts'

/** The folder that a run leaves behind, with `run.json` in it from the first moment on. */
export class RunFolder {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** Makes the folder unless it is there. Throws `ERR_OUTPUT` when it cannot. */
  static async at(path: string): Promise<RunFolder> {
    await writing(path, () => makeFolder(path))
    return new RunFolder(path)
  }

  /** Makes a folder of its own for a run that was not given one, named so that a listing is in order of time. */
  static async unique(parent: string, { startedAt, seed }: RunRecord): Promise<RunFolder> {
    const name = `${startedAt.replace(/\.\d+Z$/, '').replaceAll(':', '-')}-${seed}`
    await writing(parent, () => makeFolder(parent))
    for (let attempt = 1; ; attempt++) {
      const path = join(parent, attempt === 1 ? name : `${name}-${attempt}`)
      // makeFolder would not say that another run has just made it.
      if (await writing(path, () => made(path))) return new RunFolder(path)
    }
  }

  /** Replaces `run.json` as a whole, so that a reader never sees half of it. Throws `ERR_OUTPUT` when it cannot. */
  async save(record: RunRecord): Promise<void> {
    await writeWhole(join(this.path, 'run.json'), `${JSON.stringify(record, null, 2)}\n`)
  }
}

/** Writes a file so that a reader sees all of it or nothing, and makes its folder. Throws `ERR_OUTPUT` when it cannot. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await writing(path, async () => {
    await makeFolder(dirname(path))
    await writeFile(`${path}.tmp`, text)
    await rename(`${path}.tmp`, path)
  })
}

/** Makes a folder; false when there already is one. */
async function made(path: string): Promise<boolean> {
  try {
    await mkdir(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (thrown) {
    const problem = `cannot write ${path}: ${messageOf(thrown)}`
    throw new HarnessError('ERR_OUTPUT', `${problem}. Name a folder that can be written with --out.`, { cause: thrown })
  }
}
