import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'

/**
 * Replaces a file's content in one step: readers see the old text or the new one, never a mixture, also when the
 * process is killed half-way. It is not flushed to the disk, so that it survives the process, not the machine.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const next = `${path}.next-${randomUUID()}`
  try {
    await writeFile(next, text)
    await rename(next, path)
  } catch (error) {
    await rm(next, { force: true })
    throw error
  }
}
