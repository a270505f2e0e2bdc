import type { Fault, FileTarget } from './fault.ts'

/**
 * While it lasts, the crash of a process is one of its machine: of what it had written and not synced, the disk has a
 * first part, cut off at any byte.
 */
export function tornWrite({ path }: Pick<FileTarget, 'path'> = {}): Fault {
  return {
    name: 'torn-write',
    description: `torn-write at a crash in ${path ?? 'all files'}`,
    target: 'files',
    onFiles: (files) => files.tear({ path }),
  }
}
