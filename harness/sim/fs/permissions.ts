import { type Attributes, isFolderMode } from './inode.ts'

const bits = { read: 0o4, write: 0o2, execute: 0o1 } as const

/** Asked for once, since paths are walked often: all simulated processes belong to this user. */
const user = process.getuid?.() ?? 0

/** What one may want to do with a file; to search a folder is to execute it. */
export type Access = keyof typeof bits

/** Whether the user that runs this process may do it. The superuser may, except to execute
 * a file that nobody may execute. */
export function permits({ mode, uid, gid }: Attributes, access: Access): boolean {
  if (user === 0) return access !== 'execute' || isFolderMode(mode) || (mode & 0o111) !== 0
  if (uid === user) return ((mode >> 6) & bits[access]) !== 0
  if (process.getgroups?.().includes(gid)) return ((mode >> 3) & bits[access]) !== 0
  return (mode & bits[access]) !== 0
}

/** Whether the user that runs this process may change the attributes of what it belongs to. */
export function owns({ uid }: Attributes): boolean {
  return user === 0 || user === uid
}
