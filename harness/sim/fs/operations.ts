import { constants } from 'node:fs'
import * as descriptors from './descriptor-operations.ts'
import type { Inode } from './inode.ts'
import { typeOf } from './inode.ts'
import * as names from './name-operations.ts'
import type { OpenFile } from './open-file.ts'
import type { SimFileSystem } from './sim-file-system.ts'

/** What an operation works with, besides its arguments. */
export interface Disk {
  readonly files: SimFileSystem
  /** Says that a device, a FIFO or a socket cannot be simulated. */
  refuseSpecial(path: string): never
}

/** One function of Node's native file system: what it is called in errors and labels, and what it does here. */
export interface Operation {
  /** How many arguments come before the one that says how to answer. */
  readonly arity: number
  /** Its name in errors and for faults. */
  readonly syscall: string
  /** Its name in labels. */
  readonly label: string
  /** What its first arguments are. */
  readonly on: 'path' | 'paths' | 'descriptor'
  run(disk: Disk, args: readonly never[]): unknown
}

type Path = string | Buffer
type Target = { place: OpenFile['place']; inode: Inode }

/** The operations by the names that Node's binding gives them. */
export const operations: Readonly<Record<string, Operation>> = {
  access: onPath('access', 2, ({ files }, path, mode: number) => names.access(files, path, mode)),
  stat: onPath('stat', 2, ({ files }, path, big: boolean) => statArray(names.stat(files, path), big)),
  lstat: onPath('lstat', 2, ({ files }, path, big: boolean) => statArray(names.lstat(files, path), big)),
  statfs: onPath('statfs', 2, ({ files }, path, big: boolean) => {
    names.stat(files, path)
    return figuresOfDisk(big)
  }),
  realpath: onPath('realpath', 2, ({ files }, path, encoding) => encoded(names.realpath(files, path), encoding)),
  readlink: onPath('readlink', 2, ({ files }, path, encoding) => encoded(names.readlink(files, path), encoding)),
  readdir: onPath('scandir', 3, ({ files }, path, encoding, withTypes: boolean) => {
    return listing(names.readdir(files, path), encoding, withTypes)
  }),
  mkdir: onPath('mkdir', 3, ({ files }, path, mode: number, recursive: boolean) => {
    return recursive ? names.mkdirAll(files, path, mode) : names.mkdir(files, path, mode)
  }),
  mkdtemp: onPath('mkdtemp', 2, ({ files }, prefix, encoding) => encoded(names.mkdtemp(files, prefix), encoding)),
  rmdir: onPath('rmdir', 1, ({ files }, path) => names.rmdir(files, path)),
  unlink: onPath('unlink', 1, ({ files }, path) => names.unlink(files, path)),
  rename: onPaths('rename', 2, ({ files }, from, to) => names.rename(files, from, to)),
  link: onPaths('link', 2, ({ files }, from, to) => names.link(files, from, to)),
  symlink: onPaths('symlink', 3, ({ files }, target, path) => names.symlink(files, target, path)),
  copyFile: onPaths('copyfile', 3, ({ files }, from, to, mode: number) => names.copyFile(files, from, to, mode)),
  chmod: onPath('chmod', 2, ({ files }, path, mode: number) => change(files, byPath(files, path), { mode })),
  chown: onPath('chown', 3, ({ files }, path, uid: number, gid: number) => {
    change(files, byPath(files, path), ownership(uid, gid))
  }),
  lchown: onPath('lchown', 3, ({ files }, path, uid: number, gid: number) => {
    change(files, names.existing(files, path, { last: 'keep' }), ownership(uid, gid))
  }),
  utimes: onPath('utime', 3, ({ files }, path, atime: number, mtime: number) => {
    change(files, byPath(files, path), times(atime, mtime))
  }),
  lutimes: onPath('lutime', 3, ({ files }, path, atime: number, mtime: number) => {
    change(files, names.existing(files, path, { last: 'keep' }), times(atime, mtime))
  }),
  open: onPath('open', 3, (disk, path, flags: number, mode: number) => openFile(disk, path, flags, mode).fd),
  openFileHandle: onPath('open', 3, openFile),
  close: onDescriptor('close', 1, ({ files }, fd) => descriptors.close(files, fd)),
  read: onDescriptor('read', 5, ({ files }, fd, buffer: Uint8Array, offset: number, length: number, position) => {
    return descriptors.read(files, fd, [view(buffer).subarray(offset, offset + length)], placeOf(position))
  }),
  readBuffers: onDescriptor('read', 3, ({ files }, fd, buffers: Uint8Array[], position) => {
    return descriptors.read(files, fd, buffers.map(view), placeOf(position))
  }),
  writeBuffer: onDescriptor(
    'write',
    5,
    ({ files }, fd, buffer: Uint8Array, offset: number, length: number, position) => {
      return descriptors.write(files, fd, [view(buffer).subarray(offset, offset + length)], placeOf(position))
    },
  ),
  writeBuffers: onDescriptor('write', 3, ({ files }, fd, buffers: Uint8Array[], position) => {
    return descriptors.write(files, fd, buffers.map(view), placeOf(position))
  }),
  writeString: onDescriptor('write', 4, ({ files }, fd, text: string, position, encoding: BufferEncoding) => {
    return descriptors.write(files, fd, [Buffer.from(text, encoding)], placeOf(position))
  }),
  ftruncate: onDescriptor('ftruncate', 2, ({ files }, fd, size: number) => descriptors.truncate(files, fd, size ?? 0)),
  fstat: onDescriptor('fstat', 2, ({ files }, fd, big: boolean) => statArray(descriptors.stat(files, fd), big)),
  fsync: onDescriptor('fsync', 1, ({ files }, fd) => descriptors.sync(files, fd)),
  fdatasync: onDescriptor('fdatasync', 1, ({ files }, fd) => descriptors.sync(files, fd)),
  fchmod: onDescriptor('fchmod', 2, ({ files }, fd, mode: number) => change(files, files.opened(fd), { mode })),
  fchown: onDescriptor('fchown', 3, ({ files }, fd, uid: number, gid: number) => {
    change(files, files.opened(fd), ownership(uid, gid))
  }),
  futimes: onDescriptor('futime', 3, ({ files }, fd, atime: number, mtime: number) => {
    change(files, files.opened(fd), times(atime, mtime))
  }),
}

/** What Node makes an array of `Stats` from. */
export function statArray(fields: readonly number[], big: boolean): Float64Array | BigInt64Array {
  return big ? BigInt64Array.from(fields, BigInt) : Float64Array.from(fields)
}

/** What Node makes names and `Dirent`s from. */
export function listing(
  entries: readonly { name: string; inode: Inode }[],
  encoding: unknown,
  withTypes: boolean,
): unknown {
  const all = entries.map(({ name }) => encoded(name, encoding))
  return withTypes ? [all, entries.map(({ inode }) => direntType(inode))] : all
}

export function direntType({ mode }: Inode): number {
  return direntTypes.get(typeOf(mode)) ?? 0
}

/** A name in the encoding that was asked for. */
export function encoded(text: string, encoding: unknown): string | Buffer {
  const bytes = Buffer.from(text)
  if (encoding === 'buffer') return bytes
  return encoding === undefined || encoding === 'utf8' ? text : bytes.toString(encoding as BufferEncoding)
}

export function textOf(path: Path): string {
  return typeof path === 'string' ? path : Buffer.from(path).toString()
}

/** libuv's numbers for the types of entries. */
const direntTypes = new Map([
  [constants.S_IFREG, 1],
  [constants.S_IFDIR, 2],
  [constants.S_IFLNK, 3],
  [constants.S_IFIFO, 4],
  [constants.S_IFSOCK, 5],
  [constants.S_IFCHR, 6],
  [constants.S_IFBLK, 7],
])

function onPath<Rest extends unknown[]>(
  syscall: string,
  arity: number,
  run: (disk: Disk, path: string, ...rest: Rest) => unknown,
): Operation {
  const label = syscall === 'scandir' ? 'readdir' : syscall
  return operation({ arity, syscall, label, on: 'path' }, (disk, [path, ...rest]) => {
    return run(disk, textOf(path as Path), ...(rest as Rest))
  })
}

function onPaths<Rest extends unknown[]>(
  syscall: string,
  arity: number,
  run: (disk: Disk, from: string, to: string, ...rest: Rest) => unknown,
): Operation {
  return operation({ arity, syscall, label: syscall, on: 'paths' }, (disk, [from, to, ...rest]) => {
    return run(disk, textOf(from as Path), textOf(to as Path), ...(rest as Rest))
  })
}

function onDescriptor<Rest extends unknown[]>(
  syscall: string,
  arity: number,
  run: (disk: Disk, fd: number, ...rest: Rest) => unknown,
): Operation {
  return operation({ arity, syscall, label: syscall, on: 'descriptor' }, (disk, [fd, ...rest]) => {
    return run(disk, fd as number, ...(rest as Rest))
  })
}

function operation(about: Omit<Operation, 'run'>, run: (disk: Disk, args: readonly unknown[]) => unknown): Operation {
  return { ...about, run }
}

function openFile({ files, refuseSpecial }: Disk, path: string, flags: number, mode: number): OpenFile {
  return descriptors.open(files, path, flags, mode, refuseSpecial)
}

function byPath(files: SimFileSystem, path: string): Target {
  return names.existing(files, path, { last: 'follow' })
}

function change(files: SimFileSystem, target: Target, attributes: Parameters<typeof names.setAttributes>[2]): void {
  names.setAttributes(files, target, attributes)
}

/** An id of -1 is left as it is. */
function ownership(uid: number, gid: number): { uid?: number; gid?: number } {
  const isSet = (id: number) => id !== -1 && id !== 2 ** 32 - 1
  return { ...(isSet(uid) ? { uid } : {}), ...(isSet(gid) ? { gid } : {}) }
}

function times(atime: number, mtime: number): { atimeMs: number; mtimeMs: number } {
  return { atimeMs: atime * 1000, mtimeMs: mtime * 1000 }
}

/** -1 where no position was given, as for the native functions. */
function placeOf(position: unknown): number {
  return typeof position === 'number' || typeof position === 'bigint' ? Number(position) : -1
}

function view(buffer: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

/** The figures of a disk with room, the same on every machine: 4 KiB blocks, a terabyte, half of it free. */
function figuresOfDisk(big: boolean): BigInt64Array | Float64Array {
  const fields = [0xef53, 4096, 2 ** 28, 2 ** 27, 2 ** 27, 2 ** 26, 2 ** 25]
  return statArray(fields, big)
}
