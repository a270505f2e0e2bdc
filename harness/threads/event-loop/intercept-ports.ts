import { createRequire } from 'node:module'
import { replace } from '../replace.ts'
import type { Running } from '../running.ts'
import { VirtualPort } from './virtual-port.ts'

/** Gives threads, and what sets them up, message channels of the exploration. Returns what puts the real ones back. */
export function interceptPorts(running: Running): () => void {
  const threads = createRequire(import.meta.url)('node:worker_threads') as typeof import('node:worker_threads')
  const { receiveMessageOnPort } = threads
  const Channel = channelIn(running)
  const receive = (port: unknown) =>
    port instanceof VirtualPort
      ? port.receive()
      : receiveMessageOnPort(port as Parameters<typeof receiveMessageOnPort>[0])
  const undo = [
    replace(globalThis, 'MessageChannel', Channel),
    replace(threads, 'MessageChannel', Channel),
    replace(threads, 'receiveMessageOnPort', receive),
  ]
  return () => {
    for (const restore of undo.reverse()) restore()
  }
}

function channelIn(running: Running) {
  return class MessageChannel {
    readonly port1: VirtualPort
    readonly port2: VirtualPort

    constructor() {
      const make = () => running.loops!.channel()
      const [first, second] = running.fiber === null ? make() : running.fiber.draw(make)
      this.port1 = new VirtualPort(running, first)
      this.port2 = new VirtualPort(running, second)
    }
  }
}
