import { expectShare, type Fault, type FileTarget } from './fault.ts'

export interface FsErrorOptions extends FileTarget {
  /** The error that operations end with, as the system names it: `ENOSPC`, `EIO`, `EMFILE`, … */
  code: string
}

/** Operations on files fail, as on a full or a broken disk. Throws a RangeError for what is no error code, and no share. */
export function fsError({ code, operations, path, share = 1 }: FsErrorOptions): Fault {
  if (!/^E[A-Z0-9]+$/.test(code)) {
    throw new RangeError(`expected code to be the name of a system error, such as ENOSPC, got ${JSON.stringify(code)}`)
  }
  expectShare(share)
  const what = operations?.join(', ') ?? 'all operations'
  return {
    name: 'fs-error',
    description: `fs-error ${code} of ${share * 100} % of ${what} on ${path ?? 'all files'}`,
    target: 'files',
    onFiles: (files) => files.fail({ operations, path, share }, code),
  }
}
