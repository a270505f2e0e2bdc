import { constants } from 'node:fs'
import type { Simulation } from '../core/simulation.ts'
import { Folder, type Inode, RegularFile, SymbolicLink } from './inode.ts'
import type { SimFileSystem } from './sim-file-system.ts'

/** How many fields of `/proc/<pid>/stat` come after the name of the program, and the place of the start time among them. */
const statFieldCount = 50
const startField = 19

/**
 * `/proc/<pid>` and `/proc/self`, where programs look whether a process lives and when it started. Simulated processes have
 * them, and no others: the real processes of the machine would be another set in each run.
 */
export class ProcessFolders {
  readonly #simulation: Simulation
  readonly #files: SimFileSystem

  constructor(simulation: Simulation, files: SimFileSystem) {
    this.#simulation = simulation
    this.#files = files
  }

  /** Whether a name in `/proc` is one of a process. */
  isProcess(name: string): boolean {
    return name === 'self' || /^\d+$/.test(name)
  }

  /** What is there now; null when there is no such process. */
  inode(name: string): Inode | null {
    const { processes, node } = this.#simulation
    if (name === 'self') {
      const attributes = this.#files.attributes(constants.S_IFLNK | 0o777)
      return new SymbolicLink(this.#files.nextNumber(), attributes, String(processes.pidOf(node)))
    }
    return processes.signal(Number(name), 0) ? this.#folder(Number(name)) : null
  }

  #folder(pid: number): Folder {
    const folder = new Folder(this.#files.nextNumber(), this.#files.attributes(constants.S_IFDIR | 0o555))
    const bytes = Buffer.from(`${pid} (node) ${statOf(pid)}\n`)
    const attributes = this.#files.attributes(constants.S_IFREG | 0o444)
    folder.set('stat', new RegularFile(this.#files.nextNumber(), attributes, { size: 0, load: () => bytes }))
    return folder
  }
}

/** A process that sleeps, and that started after all with lower ids. */
function statOf(pid: number): string {
  const fields: (string | number)[] = new Array(statFieldCount).fill(0)
  fields[0] = 'S'
  fields[startField] = pid
  return fields.join(' ')
}
