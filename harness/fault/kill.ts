import type { Fault } from './fault.ts'

/** Signals that end a process; another one would leave it running, and the restart would make two. */
const deadly = ['SIGKILL', 'SIGTERM'] as const

/** The target's process is killed; healing starts it again with what it had kept on disk. */
export function kill({ signal = 'SIGKILL' }: { signal?: (typeof deadly)[number] } = {}): Fault {
  if (!deadly.includes(signal)) {
    throw new RangeError(`expected signal to be one of ${deadly.join(', ')}, got ${JSON.stringify(signal)}`)
  }
  return {
    name: 'kill',
    description: `kill ${signal}`,
    target: 'process',
    onProcess(process) {
      process.kill(signal)
      return () => process.restart()
    },
  }
}
