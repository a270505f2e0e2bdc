import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { entry } from '../entry.ts'
import type { WardenTask } from './warden.ts'

/** Cleans up after the run, whatever becomes of the harness. */
export interface Warden {
  /** Says that the run is over. Resolves when everything is gone. */
  release(): Promise<void>
}

/** Starts the warden, in a session of its own so that a signal to the harness's group does not reach it. */
export function startWarden(task: WardenTask): Warden {
  const child = spawn(process.execPath, [entry('harness/live/warden'), JSON.stringify(task)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const exited = once(child, 'exit')
  child.stdin.on('error', () => {})
  child.unref()
  return {
    async release() {
      child.ref()
      child.stdin.end()
      await exited
    },
  }
}
