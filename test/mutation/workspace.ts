import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** How a command ended, with what it printed. */
export interface Ended {
  /** Null when it took too long and was ended. */
  readonly exitCode: number | null
  readonly stdout: string
}

/**
 * A copy of the built package in a folder of its own, where one file at a time is another. It lies inside of the
 * repository, so that the packages are found.
 */
export class Workspace {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Copies the package. What was in the folder is lost. */
  static async of(repository: string, folder: string): Promise<Workspace> {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    await cp(join(repository, 'package.json'), join(folder, 'package.json'))
    // The built targets read data that lies beside their sources.
    for (const part of ['dist', 'reference-impl']) {
      await cp(join(repository, part), join(folder, part), { recursive: true })
    }
    return new Workspace(folder)
  }

  /** Does something while a file, named from `dist`, holds another text. */
  async whileChanged<T>(file: string, text: string, use: () => Promise<T>): Promise<T> {
    const path = join(this.#folder, 'dist', file)
    const before = await readFile(path, 'utf8')
    await writeFile(path, text)
    try {
      return await use()
    } finally {
      await writeFile(path, before)
    }
  }

  /** Runs `raceproof` here. Its exit code says how it went, so none is an error. */
  raceproof(args: readonly string[], { timeoutMs }: { timeoutMs: number }): Promise<Ended> {
    const cli = join(this.#folder, 'dist/harness/cli.js')
    const options = { cwd: this.#folder, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 2 ** 28 } as const
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [cli, ...args], options, (_, stdout) =>
        resolve({ exitCode: child.exitCode, stdout }),
      )
    })
  }
}
