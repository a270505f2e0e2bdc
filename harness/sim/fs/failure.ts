import { getSystemErrorMap } from 'node:util'
import { uvCode } from '../net/uv-codes.ts'

/** Thrown by the simulated disk when an operation fails as it would on a real one. */
export class Failure extends Error {
  /** Such as `ENOENT`. */
  readonly code: string
  /** The part of the operation that failed, where it is not the operation itself. */
  readonly syscall: string | undefined

  constructor(code: string, syscall?: string) {
    super(code)
    this.code = code
    this.syscall = syscall
  }
}

/** What an operation was asked to work on; part of its errors. */
export interface Subject {
  readonly syscall: string
  readonly path?: string
  readonly dest?: string
}

/** The error that Node makes of a failed operation: same message, same properties, in the same order. */
export function nodeError(code: string, { syscall, path, dest }: Subject): NodeJS.ErrnoException {
  const errno = uvCode(code)
  const [, meaning] = getSystemErrorMap().get(errno) ?? [code, 'unknown error']
  const source = path === undefined ? '' : ` '${path}'`
  const destination = dest === undefined ? '' : ` -> '${dest}'`
  const error = new Error(`${code}: ${meaning}, ${syscall}${source}${destination}`)
  Object.assign(error, { errno, code, syscall })
  if (path !== undefined) Object.assign(error, { path })
  if (dest !== undefined) Object.assign(error, { dest })
  return error
}
