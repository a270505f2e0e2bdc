import { constants } from 'node:fs'
import { Failure } from './failure.ts'
import { canonicalPath, find, type Last, locate, type Place } from './file-tree.ts'
import { Folder, type Inode, RegularFile, SymbolicLink, statFields } from './inode.ts'
import { owns, permits } from './permissions.ts'
import type { SimFileSystem } from './sim-file-system.ts'

/** Operations on names. Each does at once what the system call of that name does, and throws a {@link Failure} as it fails. */

export function access(files: SimFileSystem, path: string, mode: number): void {
  const inode = find(files.root, path, { last: 'follow' })
  const isRefused =
    ((mode & constants.R_OK) !== 0 && !permits(inode, 'read')) ||
    ((mode & constants.W_OK) !== 0 && !permits(inode, 'write')) ||
    ((mode & constants.X_OK) !== 0 && !permits(inode, 'execute'))
  if (isRefused) throw new Failure('EACCES')
}

export function stat(files: SimFileSystem, path: string): number[] {
  return statFields(find(files.root, path, { last: 'follow' }))
}

export function lstat(files: SimFileSystem, path: string): number[] {
  return statFields(find(files.root, path, { last: 'keep' }))
}

export function realpath(files: SimFileSystem, path: string): string {
  const place = locate(files.root, path, { last: 'follow' })
  if (place.inode === null) throw new Failure('ENOENT')
  return canonicalPath(place)
}

export function readlink(files: SimFileSystem, path: string): string {
  const inode = find(files.root, path, { last: 'keep' })
  if (inode.kind !== 'link') throw new Failure('EINVAL')
  return inode.target
}

/** What lies in a folder, in the order of names. */
export function readdir(files: SimFileSystem, path: string): { name: string; inode: Inode }[] {
  const folder = find(files.root, path, { last: 'follow' })
  if (folder.kind !== 'folder') throw new Failure('ENOTDIR')
  if (!permits(folder, 'read')) throw new Failure('EACCES')
  return folder.names().map((name) => ({ name, inode: folder.get(name) as Inode }))
}

export function mkdir(files: SimFileSystem, path: string, mode: number): void {
  const place = locate(files.root, path, { last: 'entry' })
  if (place.inode !== null) throw new Failure('EEXIST')
  addName(files, place, new Folder(files.nextNumber(), files.attributes(constants.S_IFDIR | masked(mode))))
}

/**
 * Makes what is missing of a path, and returns the first folder that was made; undefined when there was none to make. It
 * tries the whole path first and goes up only as far as it must, as Node does, so that the errors are the same.
 */
export function mkdirAll(files: SimFileSystem, path: string, mode: number): string | undefined {
  const rest = [path]
  let first: string | undefined
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const code = failureOf(() => mkdir(files, next as string, mode))
    if (code === undefined) first ??= next
    else if (code === 'ENOENT' && parentOf(next) !== next) rest.push(next, parentOf(next))
    else if (code !== 'EEXIST') throw new Failure(code)
    else if (find(files.root, next, { last: 'follow' }).kind !== 'folder') {
      throw new Failure(rest.length === 0 ? 'EEXIST' : 'ENOTDIR')
    }
  }
  return first
}

export function mkdtemp(files: SimFileSystem, prefix: string): string {
  const path = prefix + files.uniqueSuffix()
  const place = locate(files.root, path, { last: 'entry' })
  addName(files, place, new Folder(files.nextNumber(), files.attributes(constants.S_IFDIR | 0o700)))
  return path
}

export function symlink(files: SimFileSystem, target: string, path: string): void {
  if (target === '') throw new Failure('ENOENT')
  const place = locate(files.root, path, { last: 'entry' })
  expectNew(place)
  addName(files, place, new SymbolicLink(files.nextNumber(), files.attributes(constants.S_IFLNK | 0o777), target))
}

export function link(files: SimFileSystem, path: string, newPath: string): void {
  const inode = find(files.root, path, { last: 'keep' })
  const place = locate(files.root, newPath, { last: 'entry' })
  expectNew(place)
  if (inode.kind === 'folder') throw new Failure('EPERM')
  addName(files, place, inode)
  inode.links++
  inode.ctimeMs = files.nowMs
}

export function unlink(files: SimFileSystem, path: string): void {
  const place = locate(files.root, path, { last: 'entry' })
  if (place.inode === null) throw new Failure('ENOENT')
  if (place.inode.kind === 'folder') throw new Failure('EISDIR')
  if (place.isFolderPath) throw new Failure('ENOTDIR')
  removeName(files, place, place.inode)
}

export function rmdir(files: SimFileSystem, path: string): void {
  const place = locate(files.root, path, { last: 'entry' })
  const { inode, dots } = place
  if (dots === '.') throw new Failure('EINVAL')
  if (dots === '..') throw new Failure('ENOTEMPTY')
  if (inode === null) throw new Failure('ENOENT')
  if (inode.kind !== 'folder') throw new Failure('ENOTDIR')
  if (inode === files.root) throw new Failure('EBUSY')
  expectEmpty(inode)
  removeName(files, place, inode)
}

/** Atomic: whoever looks sees the old file at the new name, or the new one, and never neither. */
export function rename(files: SimFileSystem, path: string, newPath: string): void {
  const source = locate(files.root, path, { last: 'entry' })
  const target = locate(files.root, newPath, { last: 'entry' })
  if (source.dots !== undefined || target.dots !== undefined) throw new Failure('EBUSY')
  const { inode } = source
  if (inode === null) throw new Failure('ENOENT')
  if ((source.isFolderPath || target.isFolderPath) && inode.kind !== 'folder') throw new Failure('ENOTDIR')
  expectReplaceable(inode, source, target)
  if (target.inode === inode) return
  expectWritable(source.folder)
  expectWritable(target.folder)
  const replaced = target.inode
  source.folder.remove(source.name)
  target.folder.set(target.name, inode)
  touch(files, source.folder)
  touch(files, target.folder)
  inode.ctimeMs = files.nowMs
  files.watchers.moved(source, target)
  if (replaced !== null) unnamed(files, replaced)
}

export function copyFile(files: SimFileSystem, path: string, newPath: string, mode: number): void {
  const source = find(files.root, path, { last: 'follow' })
  if (source.kind !== 'folder' && source.kind !== 'file') throw new Failure('ENOTSUP')
  if (!permits(source, 'read')) throw new Failure('EACCES')
  const place = locate(files.root, newPath, { last: 'follow' })
  if (place.inode !== null && (mode & constants.COPYFILE_EXCL) !== 0) throw new Failure('EEXIST')
  if (source.kind === 'folder' || place.inode?.kind === 'folder' || place.isFolderPath) throw new Failure('EISDIR')
  if (place.inode === source) return
  if (place.inode !== null && place.inode.kind !== 'file') throw new Failure('ENXIO')
  const target = place.inode ?? new RegularFile(files.nextNumber(), files.attributes(source.mode))
  if (place.inode === null) addName(files, place, target)
  else if (!permits(target, 'write')) throw new Failure('EACCES')
  else target.content.truncate(0, files.node)
  target.content.write(0, source.content.all(), files.node)
  target.mode = source.mode
  modified(files, place, target)
}

/** Changes what `chmod`, `chown` and `utimes` change. */
export function setAttributes(
  files: SimFileSystem,
  { place, inode }: { place: Place; inode: Inode },
  change: { mode?: number; uid?: number; gid?: number; atimeMs?: number; mtimeMs?: number },
): void {
  if (!owns(inode)) throw new Failure('EPERM')
  const mode = change.mode === undefined ? inode.mode : (inode.mode & constants.S_IFMT) | (change.mode & 0o7777)
  Object.assign(inode, { ...change, mode, ctimeMs: files.nowMs })
  files.watchers.changed(place, inode)
}

/** The place and the inode at a path. */
export function existing(files: SimFileSystem, path: string, { last }: { last: Last }): { place: Place; inode: Inode } {
  const place = locate(files.root, path, { last })
  if (place.inode === null) throw new Failure('ENOENT')
  return { place, inode: place.inode }
}

/** Enters something new into a folder. */
export function addName(files: SimFileSystem, { folder, name }: Place, inode: Inode): void {
  expectWritable(folder)
  folder.set(name, inode)
  touch(files, folder)
  files.watchers.named(folder, name)
}

/** A file's content has changed. */
export function modified(files: SimFileSystem, place: Place, inode: Inode): void {
  inode.mtimeMs = files.nowMs
  inode.ctimeMs = files.nowMs
  files.watchers.changed(place, inode)
}

/** The permission bits that the process's mask leaves. */
export function masked(mode: number): number {
  return mode & 0o7777 & ~process.umask()
}

function removeName(files: SimFileSystem, place: Place, inode: Inode): void {
  expectWritable(place.folder)
  place.folder.remove(place.name)
  touch(files, place.folder)
  unnamed(files, inode)
  files.watchers.named(place.folder, place.name)
}

function unnamed(files: SimFileSystem, inode: Inode): void {
  inode.links--
  inode.ctimeMs = files.nowMs
  files.watchers.unnamed(inode)
}

function touch(files: SimFileSystem, folder: Folder): void {
  folder.mtimeMs = files.nowMs
  folder.ctimeMs = files.nowMs
}

function expectWritable(folder: Folder): void {
  if (!permits(folder, 'write')) throw new Failure('EACCES')
}

function expectNew({ inode, isFolderPath }: Place): void {
  if (inode !== null) throw new Failure('EEXIST')
  if (isFolderPath) throw new Failure('ENOENT')
}

function expectEmpty(folder: Folder): void {
  if (folder.names().length > 0) throw new Failure('ENOTEMPTY')
}

function expectReplaceable(inode: Inode, source: Place, target: Place): void {
  if (inode.kind === 'folder' && target.folder.isWithin(inode)) throw new Failure('EINVAL')
  const replaced = target.inode
  if (replaced?.kind === 'folder' && source.folder.isWithin(replaced)) throw new Failure('ENOTEMPTY')
  if (replaced === null || replaced === inode) return
  if (inode.kind === 'folder' && replaced.kind !== 'folder') throw new Failure('ENOTDIR')
  if (inode.kind !== 'folder' && replaced.kind === 'folder') throw new Failure('EISDIR')
  if (replaced.kind === 'folder') expectEmpty(replaced)
}

function failureOf(run: () => void): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof Failure) return error.code
    throw error
  }
}

/** The path without its last part, as it was given. */
function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  if (slash < 0) return '.'
  return path.slice(0, slash) || '/'
}
