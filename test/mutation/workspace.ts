import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Mutant } from './mutants.ts'
import { switched } from './switched.ts'

/** How a command ended, with what it printed. */
export interface Ended {
  /** Null when it took too long and was ended. */
  readonly exitCode: number | null
  readonly stdout: string
}

/** What a command is run with. */
export interface CommandOptions {
  readonly timeoutMs: number
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * A copy of the built package in which every mutant waits behind its switch. It lies inside of the repository, so that the
 * packages are found.
 */
export class Workspace {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Copies the package. What was in the folder is lost. */
  static async of(repository: string, folder: string, mutants: readonly Mutant[]): Promise<Workspace> {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    await cp(join(repository, 'package.json'), join(folder, 'package.json'))
    // The built targets read data that lies beside their sources.
    for (const part of ['dist', 'reference-impl']) {
      await cp(join(repository, part), join(folder, part), { recursive: true })
    }
    const workspace = new Workspace(folder)
    await workspace.#putIn(mutants)
    return workspace
  }

  /** The path of a built file. */
  built(file: string): string {
    return join(this.folder, 'dist', file)
  }

  /** Runs `raceproof` here. Its exit code says how it went, so none is an error. */
  raceproof(args: readonly string[], { timeoutMs, env }: CommandOptions): Promise<Ended> {
    const options = {
      cwd: this.folder,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: 2 ** 28,
      env: { ...process.env, ...env },
    } as const
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [this.built('harness/cli.js'), ...args], options, (_, stdout) =>
        resolve({ exitCode: child.exitCode, stdout }),
      )
    })
  }

  async #putIn(mutants: readonly Mutant[]): Promise<void> {
    for (const file of new Set(mutants.map((mutant) => mutant.file))) {
      const path = this.built(file)
      const inFile = mutants.filter((mutant) => mutant.file === file)
      const toSwitch = relative(dirname(path), this.built('test/mutation/switch.js'))
      await writeFile(path, switched(await readFile(path, 'utf8'), inFile, toSwitch))
    }
  }
}
