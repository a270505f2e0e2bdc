import { Failure } from './failure.ts'
import type { Folder, Inode } from './inode.ts'
import { permits } from './permissions.ts'

/** Where a path leads: a name in a folder, and what is there now. */
export interface Place {
  readonly folder: Folder
  readonly name: string
  readonly inode: Inode | null
  /** Whether the path ends in a way that only a folder can satisfy: with a slash. */
  readonly isFolderPath: boolean
  /** Whether the path ends with `.` or `..`, which name no entry of their own. */
  readonly dots: '.' | '..' | undefined
}

/**
 * What to do with a symbolic link at the end of a path: follow it, keep it (unless a slash comes after it), or take it for
 * the entry of a folder, as operations do that make or remove a name.
 */
export type Last = 'follow' | 'keep' | 'entry'

/** As many symbolic links as Linux follows in one path. */
const mostLinks = 40
const longestName = 255
const longestPath = 4096

/** The place that a path leads to. The last part may be missing; throws a {@link Failure} when anything before it is. */
export function locate(root: Folder, path: string, { last }: { last: Last }): Place {
  return new Walk(root, path).to(last)
}

/** What is at a path; throws a {@link Failure} when nothing is. */
export function find(root: Folder, path: string, { last }: { last: Last }): Inode {
  const { inode } = locate(root, path, { last })
  if (inode === null) throw new Failure('ENOENT')
  return inode
}

/** The path of a place without symbolic links and dots. */
export function canonicalPath({ folder, name, inode }: Place): string {
  if (inode?.kind === 'folder') return inode.path
  return folder.parent === folder ? `/${name}` : `${folder.path}/${name}`
}

class Walk {
  readonly #root: Folder
  #folder: Folder
  /** The parts of the path that are still to go, the next one last. */
  readonly #rest: string[] = []
  #isFolderPath = false
  #dots: Place['dots']
  #links = 0

  constructor(root: Folder, path: string) {
    if (path === '') throw new Failure('ENOENT')
    if (Buffer.byteLength(path) >= longestPath) throw new Failure('ENAMETOOLONG')
    this.#root = root
    this.#folder = root
    if (!path.startsWith('/')) this.#enqueue(process.cwd())
    this.#enqueue(path, true)
  }

  to(last: Last): Place {
    for (let name = this.#rest.pop(); name !== undefined; name = this.#rest.pop()) {
      const place = this.#step(name, last)
      if (place !== undefined) return place
    }
    const { parent, name } = this.#folder
    return { folder: parent, name, inode: this.#folder, isFolderPath: true, dots: this.#dots }
  }

  /** Goes one part further; returns the place when that was the last one. */
  #step(name: string, last: Last): Place | undefined {
    if (!permits(this.#folder, 'execute')) throw new Failure('EACCES')
    if (name === '..') {
      this.#folder = this.#folder.parent
      return undefined
    }
    if (Buffer.byteLength(name) > longestName) throw new Failure('ENAMETOOLONG')
    const inode = this.#folder.get(name)
    const isLast = this.#rest.length === 0
    const follows = !isLast || last === 'follow' || (last === 'keep' && this.#isFolderPath)
    if (inode?.kind === 'link' && follows) return this.#follow(inode.target)
    if (isLast) return this.#arrive(name, inode, last)
    if (inode === null) throw new Failure('ENOENT')
    if (inode.kind !== 'folder') throw new Failure('ENOTDIR')
    this.#folder = inode
    return undefined
  }

  #arrive(name: string, inode: Inode | null, last: Last): Place {
    const isFolderPath = this.#isFolderPath
    if (isFolderPath && last !== 'entry' && inode !== null && inode.kind !== 'folder') throw new Failure('ENOTDIR')
    if (this.#dots === '.' && inode === null) throw new Failure('ENOENT')
    return { folder: this.#folder, name, inode, isFolderPath, dots: this.#dots }
  }

  #follow(target: string): undefined {
    if (++this.#links > mostLinks) throw new Failure('ELOOP')
    if (target.startsWith('/')) this.#folder = this.#root
    this.#enqueue(target)
  }

  /** Puts the parts of a path before those that are still to go. */
  #enqueue(path: string, isAsked = false): void {
    const parts = path.split('/')
    const last = parts.at(-1)
    if (isAsked || this.#rest.length === 0) this.#isFolderPath ||= last === '' || last === '.' || last === '..'
    if (isAsked && (last === '.' || last === '..')) this.#dots = last
    const before = isAsked ? this.#rest.splice(0) : []
    for (const part of parts.reverse()) if (part !== '' && part !== '.') this.#rest.push(part)
    this.#rest.push(...before)
  }
}
