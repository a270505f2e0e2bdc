import { isAbsolute, relative } from 'node:path'

/** A path as one would type it: from the working directory, where it lies below that. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') || isAbsolute(short) ? path : short
}
