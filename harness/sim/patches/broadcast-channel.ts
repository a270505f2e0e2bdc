import workerThreads, { type MessagePort, threadId } from 'node:worker_threads'
import { active } from '../active.ts'
import type { Simulation } from '../core/simulation.ts'
import { Endpoint } from './message-endpoint.ts'
import type { NativePort } from './message-native.ts'
import { symbolOf } from './net-socket.ts'

type Channel = workerThreads.BroadcastChannel & Record<symbol, unknown>
type Groups = Map<string, Set<Endpoint>>

/**
 * `BroadcastChannel`. The native ones reach every thread of the process, so inside a schedule a channel has the native
 * name of its schedule; and what it is called is told as it was asked for.
 */
export function patchBroadcastChannel(native: NativePort): void {
  const groupsOf = new WeakMap<Simulation, { scope: string; groups: Groups }>()
  let schedules = 0
  const Real = workerThreads.BroadcastChannel
  const Replacement = new Proxy(Real, {
    construct(target, args, newTarget) {
      const { current } = active
      if (current === undefined || args.length === 0) return Reflect.construct(target, args, newTarget)
      const known = groupsOf.get(current) ?? { scope: `${threadId}.${++schedules}`, groups: new Map() }
      groupsOf.set(current, known)
      const name = `${args[0]}`
      const channel = Reflect.construct(target, [`raceproof ${known.scope} ${name}`], newTarget) as Channel
      channel[symbolOf(channel, 'kName')] = name
      join(current, native, channel[symbolOf(channel, 'kHandle')] as MessagePort, groupOf(known.groups, name))
      return channel
    },
  })
  workerThreads.BroadcastChannel = Replacement
  globalThis.BroadcastChannel = Replacement as never
}

function groupOf(groups: Groups, name: string): Set<Endpoint> {
  const group = groups.get(name) ?? new Set()
  groups.set(name, group)
  return group
}

function join(simulation: Simulation, native: NativePort, port: MessagePort, group: Set<Endpoint>): void {
  const end = new Endpoint(simulation, native, port, `broadcast#${simulation.count('broadcast')}`)
  end.tellsOfClosing = false
  end.receivers = () => [...group].filter((other) => other !== end && !other.isClosed)
  native.watch(end, port)
  // Its own listener was there before anybody could watch for it.
  native.release(port)
  end.setRef(true)
  end.start()
  group.add(end)
}
