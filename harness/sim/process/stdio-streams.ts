import net from 'node:net'
import { Readable, Writable } from 'node:stream'
import type { PipeEnd } from './pipe-end.ts'

/** What a process has at one of its file descriptors. */
export type Descriptor = PipeEnd | 'nothing' | 'outside'

/** The stream that a process reads its input from, as Node makes it for a pipe. Without a pipe the input is empty. */
export function inputOf(descriptor: Descriptor | undefined): Readable {
  if (typeof descriptor !== 'object') return Readable.from([])
  const options = { handle: descriptor, readable: true, writable: false, manualStart: true }
  const stdin = new net.Socket(options as net.SocketConstructorOpts)
  // A paused input must not keep the process alive, so that it stops reading as well: in the next tick, as Node does it.
  stdin.on('pause', () => process.nextTick(() => stopReading(stdin, descriptor)))
  return stdin
}

function stopReading(stdin: net.Socket, handle: PipeEnd): void {
  if (stdin.destroyed || !handle.reading || stdin.readableFlowing) return
  ;(stdin as net.Socket & { _readableState: { reading: boolean } })._readableState.reading = false
  handle.reading = false
  handle.readStop()
}

/** The stream that a process writes to; output that leaves the simulation goes where that of the test goes. */
export function outputOf(descriptor: Descriptor | undefined, outside: NodeJS.WritableStream): Writable {
  if (typeof descriptor === 'object') {
    const options = { handle: descriptor, readable: false, writable: true }
    return new net.Socket(options as net.SocketConstructorOpts)
  }
  return new Writable({
    write(chunk, _encoding, done) {
      if (descriptor === 'outside') outside.write(chunk)
      done()
    },
  })
}
