import { expectShare, type Fault, type FileTarget } from './fault.ts'

/** Writes take only a part of their bytes, which callers that do not look at the count never notice. */
export function shortWrite({ path, share = 1 }: Omit<FileTarget, 'operations'> = {}): Fault {
  expectShare(share)
  return {
    name: 'short-write',
    description: `short-write of ${share * 100} % of writes to ${path ?? 'all files'}`,
    target: 'files',
    onFiles: (files) => files.shorten({ path, share }),
  }
}
