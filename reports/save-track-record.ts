import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HarnessError, messageOf } from '../harness/errors.ts'
import type { ProveRecord } from '../harness/proof.ts'
import { trackRecord } from './track-record.ts'

/** Writes `reports/track-record.md` below a folder. Throws `ERR_OUTPUT` when it cannot. */
export async function saveTrackRecord(record: ProveRecord, folder: string): Promise<void> {
  const path = join(folder, 'reports/track-record.md')
  try {
    await mkdir(join(folder, 'reports'), { recursive: true })
    const before = await readFile(path, 'utf8').catch(() => null)
    await writeFile(path, trackRecord(record, before))
  } catch (error) {
    throw new HarnessError('ERR_OUTPUT', `cannot write the track record ${path}: ${messageOf(error)}`, { cause: error })
  }
}
