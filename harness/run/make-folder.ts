import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it, unless they are there. Rejects with the file system's error when it cannot. Unlike
 * `mkdir` with `recursive`, which never returns for a folder below `/proc` that is refused as missing.
 */
export async function makeFolder(path: string): Promise<void> {
  const error = await mkdir(path).then(
    () => null,
    (thrown: NodeJS.ErrnoException) => thrown,
  )
  if (error === null) return
  if (error.code === 'ENOENT' && dirname(path) !== path) {
    await makeFolder(dirname(path))
    // Another run may have made it meanwhile.
    await mkdir(path).catch(unlessFolder(path))
    return
  }
  await unlessFolder(path)(error)
}

function unlessFolder(path: string): (error: unknown) => Promise<void> {
  return async (error) => {
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    )
    if (!isFolder) throw error
  }
}
