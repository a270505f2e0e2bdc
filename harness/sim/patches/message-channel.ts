import workerThreads, { type MessagePort } from 'node:worker_threads'
import { active } from '../active.ts'
import type { Simulation } from '../core/simulation.ts'
import { patchBroadcastChannel } from './broadcast-channel.ts'
import { Endpoint } from './message-endpoint.ts'
import { NativePort } from './message-native.ts'

type Transfer = readonly unknown[] | { transfer?: readonly unknown[] }

/**
 * `MessageChannel`, `MessagePort`, `receiveMessageOnPort` and `BroadcastChannel`, on the global object and in
 * `node:worker_threads`, and the ports that `structuredClone` transfers. Channels that were made before the schedule stay
 * real, and so do the errors for what cannot be cloned or transferred.
 */
export function patchMessageChannel(): void {
  const { port1, port2 } = new MessageChannel()
  const native = new NativePort(port1 as never)
  port1.close()
  port2.close()
  patchPorts(native, Object.getPrototypeOf(port1) as MessagePort)
  patchChannel(native)
  patchReceive(native)
  patchBroadcastChannel(native)
  patchStructuredClone(native)
}

function patchChannel(native: NativePort): void {
  const Channel = new Proxy(workerThreads.MessageChannel, {
    construct(target, args, newTarget) {
      const channel = Reflect.construct(target, args, newTarget) as workerThreads.MessageChannel
      if (active.current !== undefined) connect(active.current, native, channel)
      return channel
    },
  })
  workerThreads.MessageChannel = Channel
  globalThis.MessageChannel = Channel as never
}

function connect(simulation: Simulation, native: NativePort, { port1, port2 }: workerThreads.MessageChannel): void {
  const [one, other] = [port1, port2].map((port) => {
    const end = new Endpoint(simulation, native, port, `port#${simulation.count('port')}`)
    native.watch(end, port)
    return end
  }) as [Endpoint, Endpoint]
  one.receivers = openOf(other)
  other.receivers = openOf(one)
}

function openOf(end: Endpoint): () => Endpoint[] {
  return () => (end.isClosed ? [] : [end])
}

function patchPorts(native: NativePort, prototype: MessagePort): void {
  const { postMessage, start, close, ref, unref, hasRef } = prototype as MessagePort & { hasRef(): boolean }
  const endOf = (port: MessagePort) => (active.current === undefined ? undefined : native.endOf(port))
  Object.assign(prototype, {
    postMessage(this: MessagePort, ...args: [unknown?, Transfer?]) {
      const end = endOf(this)
      if (end === undefined || end.isClosed || args.length === 0) return postMessage.apply(this, args as never)
      return post(end, native, args[0], args[1])
    },
    start(this: MessagePort) {
      endOf(this)?.start()
      return start.call(this)
    },
    close(this: MessagePort, onClosed?: () => void) {
      const end = endOf(this)
      if (end === undefined) return (close as (onClosed?: () => void) => void).call(this, onClosed)
      if (typeof onClosed === 'function') this.once('close', onClosed)
      return end.close()
    },
    // The native port keeps nothing alive; its end in the schedule does.
    ref(this: MessagePort) {
      const end = endOf(this)
      if (end === undefined) ref.call(this)
      else end.setRef(true)
    },
    unref(this: MessagePort) {
      const end = endOf(this)
      if (end === undefined) unref.call(this)
      else end.setRef(false)
    },
    hasRef(this: MessagePort) {
      return endOf(this)?.keepsAlive ?? hasRef.call(this)
    },
  })
}

function post(end: Endpoint, native: NativePort, message: unknown, given?: Transfer): unknown {
  const listed = listOf(given)
  // A wrong list gets the native port's error.
  if (listed === 'wrong') return native.post(end.port, message, given as never)
  return end.post(message, listed, travellersOf(native, listed ?? []))
}

/** The transfer list in either of the forms that `postMessage` takes, as an array. */
function listOf(given: Transfer | null | undefined): unknown[] | undefined | 'wrong' {
  const listed = given !== null && typeof given === 'object' && 'transfer' in given ? given.transfer : given
  if (listed === undefined || listed === null) return undefined
  if (typeof listed !== 'object') return 'wrong'
  return Symbol.iterator in listed ? [...(listed as Iterable<unknown>)] : undefined
}

function travellersOf(native: NativePort, listed: readonly unknown[]): Endpoint[] {
  return listed.map((item) => native.endOf(item)).filter((end): end is Endpoint => end !== undefined)
}

function patchReceive(native: NativePort): void {
  workerThreads.receiveMessageOnPort = (port) => {
    const end = active.current === undefined ? undefined : native.endOf(port)
    return end === undefined ? native.receive(port) : end.takeNow()
  }
}

function patchStructuredClone(native: NativePort): void {
  const { structuredClone: clone } = globalThis
  globalThis.structuredClone = ((value: unknown, ...rest: [{ transfer?: readonly unknown[] }?]) => {
    const travellers = active.current === undefined ? [] : travellersOf(native, rest[0]?.transfer ?? [])
    if (travellers.length === 0) return clone(value, ...(rest as [never]))
    const sent = { value, ports: travellers.map(({ port }) => port) }
    const received = clone(sent as unknown, rest[0] as never) as typeof sent
    for (const [place, end] of travellers.entries()) native.adopt(end, received.ports[place] as MessagePort)
    return received.value
  }) as typeof structuredClone
}
