/**
 * A process that outlives the harness by a moment. It waits until its standard input ends, which happens whatever
 * becomes of the harness (even SIGKILL, when nobody else is left to clean up), and then ends every process of the run
 * and removes its temporary folder.
 */
import { rmSync } from 'node:fs'
import { killProcessesOf } from './processes.ts'

/** The warden's one argument, as JSON. */
export interface WardenTask {
  /** The environment marks of the run's processes. */
  marks: string[]
  /** A folder to remove. */
  tempDir: string
}

const { marks, tempDir } = JSON.parse(process.argv[2] as string) as WardenTask

process.stdin.resume()
process.stdin.on('close', async () => {
  // The warden leads a session of its own, so that nothing but the mark makes a process one of the run.
  for (const mark of marks) await killProcessesOf({ mark, root: -1 }, [process.pid])
  rmSync(tempDir, { recursive: true, force: true, maxRetries: 3 })
})
