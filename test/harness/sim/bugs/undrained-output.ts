import { spawn } from 'node:child_process'
import type { Sim } from '../../../../harness/sim/sim.ts'
import type { Bug } from './bug.ts'

/** Runs a command and returns what it has printed by the time of an event. */
async function outputBy(event: 'exit' | 'close', sim: Sim): Promise<void> {
  sim.program('three-lines', (child) => {
    for (const line of ['one', 'two', 'three']) child.stdout.write(`${line}\n`)
    child.exit(0)
  })
  const child = spawn('three-lines')
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  await new Promise((resolve) => child.on(event, resolve))
  if (output !== 'one\ntwo\nthree\n') throw new Error(`of the output there was only ${JSON.stringify(output)}`)
}

/** A process has exited before all that it wrote was read. */
export const undrainedOutput: Bug = {
  name: 'exit before the output is drained',
  defective: (sim) => outputBy('exit', sim),
  correct: (sim) => outputBy('close', sim),
}
