import type { Fault } from './fault.ts'

/**
 * The target's process hangs with all that it holds, as of a debugger or a machine that is moved; healing lets it go on where
 * it was. Its connections stay open, and what is sent to it waits.
 */
export function pause(): Fault {
  return {
    name: 'pause',
    description: 'pause',
    target: 'process',
    onProcess: (process) => process.pause(),
  }
}
