import { constants } from 'node:fs'
import { Failure } from './failure.ts'
import { locate, type Place } from './file-tree.ts'
import { type Inode, RegularFile, statFields } from './inode.ts'
import { addName, masked, modified } from './name-operations.ts'
import type { OpenFile } from './open-file.ts'
import { permits } from './permissions.ts'
import type { SimFileSystem } from './sim-file-system.ts'

/** Operations on open files. Each does at once what the system call of that name does, and throws a {@link Failure} as it fails. */

/** Returns the open file. Devices, FIFOs and sockets are refused by `refuseSpecial`, which throws. */
export function open(
  files: SimFileSystem,
  path: string,
  flags: number,
  mode: number,
  refuseSpecial: (path: string) => never,
): OpenFile {
  const has = (flag: number) => (flags & flag) === flag
  const creates = has(constants.O_CREAT)
  if (creates && path.endsWith('/')) refuseToCreateFolder(files, path)
  const isNew = creates && has(constants.O_EXCL)
  const place = locate(files.root, path, { last: isNew || has(constants.O_NOFOLLOW) ? 'keep' : 'follow' })
  if (isNew && place.inode !== null) throw new Failure('EEXIST')
  if (place.inode === null) return openNew(files, { path, flags, mode, place, creates })
  if (place.inode.kind === 'special') return refuseSpecial(path)
  expectOpenable(place.inode, flags)
  const file = files.open({ inode: place.inode, path, place, flags })
  if (has(constants.O_TRUNC) && file.isWritable) resize(files, file, 0)
  return file
}

export function close(files: SimFileSystem, fd: number): void {
  files.close(files.opened(fd))
}

/** At the position, or where the last read or write without one ended when it is negative. Returns the number of bytes. */
export function read(files: SimFileSystem, fd: number, into: readonly Uint8Array[], position: number): number {
  const file = files.opened(fd)
  file.expectReadable()
  const { inode } = file
  if (inode.kind === 'folder') throw new Failure('EISDIR')
  let done = 0
  for (const buffer of into) {
    const length = contentOf(inode).read((position < 0 ? file.position : position) + done, buffer)
    done += length
    if (length < buffer.byteLength) break
  }
  if (position < 0) file.position += done
  return done
}

/** At the position, at the end when it was opened for appending, or where the last read or write ended. */
export function write(files: SimFileSystem, fd: number, buffers: readonly Uint8Array[], position: number): number {
  const file = files.opened(fd)
  if (!file.isWritable) throw new Failure('EBADF')
  const bytes = buffers.length === 1 ? (buffers[0] as Uint8Array) : Buffer.concat(buffers)
  const length = files.faults.lengthOf(file.path, bytes.byteLength)
  const content = contentOf(file.inode)
  const from = file.appends ? content.size : position < 0 ? file.position : position
  if (length > 0) {
    content.write(from, bytes.subarray(0, length), files.node)
    modified(files, file.place, file.inode)
  }
  if (position < 0) file.position = from + length
  return length
}

export function truncate(files: SimFileSystem, fd: number, size: number): void {
  const file = files.opened(fd)
  if (!file.isWritable || file.inode.kind !== 'file') throw new Failure('EINVAL')
  resize(files, file, size)
}

export function stat(files: SimFileSystem, fd: number): number[] {
  return statFields(files.opened(fd).inode)
}

/** What was written to the file is on the disk from here on. Names are there at once, as a journal keeps them. */
export function sync(files: SimFileSystem, fd: number): void {
  const { inode } = files.opened(fd)
  if (inode.kind === 'file') inode.content.sync()
}

/** What is missing above the path comes first. */
function refuseToCreateFolder(files: SimFileSystem, path: string): never {
  locate(files.root, path, { last: 'entry' })
  throw new Failure('EISDIR')
}

function openNew(
  files: SimFileSystem,
  { path, flags, mode, place, creates }: { path: string; flags: number; mode: number; place: Place; creates: boolean },
): OpenFile {
  if (!creates) throw new Failure('ENOENT')
  if ((flags & constants.O_DIRECTORY) !== 0) throw new Failure('EINVAL')
  const inode = new RegularFile(files.nextNumber(), files.attributes(constants.S_IFREG | masked(mode)))
  addName(files, place, inode)
  return files.open({ inode, path, place, flags })
}

function expectOpenable(inode: Inode, flags: number): void {
  const accessMode = flags & (constants.O_WRONLY | constants.O_RDWR)
  const reads = accessMode !== constants.O_WRONLY
  const writes = accessMode !== constants.O_RDONLY || (flags & constants.O_TRUNC) !== 0
  if (inode.kind === 'link') throw new Failure('ELOOP')
  if (inode.kind === 'folder' && (writes || (flags & constants.O_CREAT) !== 0)) throw new Failure('EISDIR')
  if (inode.kind !== 'folder' && (flags & constants.O_DIRECTORY) !== 0) throw new Failure('ENOTDIR')
  if ((reads && !permits(inode, 'read')) || (writes && !permits(inode, 'write'))) throw new Failure('EACCES')
}

function resize(files: SimFileSystem, file: OpenFile, size: number): void {
  contentOf(file.inode).truncate(size, files.node)
  modified(files, file.place, file.inode)
}

/** Folders cannot be opened for writing, so that what is read or written is a file. */
function contentOf(inode: Inode): RegularFile['content'] {
  if (inode.kind !== 'file') throw new Failure('EISDIR')
  return inode.content
}
