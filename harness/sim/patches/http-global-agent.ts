import type { Agent } from 'node:http'
import { nodeHttp } from '../node-internals.ts'
import { ofEachProcess } from './each-process.ts'

/** What an agent keeps: its connections by host, idle and in use, and the requests that wait for one. */
const kept = ['requests', 'sockets', 'freeSockets', 'totalSocketCount'] as const

type Pool = Pick<Agent, 'requests' | 'sockets' | 'freeSockets'> & { totalSocketCount: number }

/**
 * `http.globalAgent`, which keeps connections for whoever names no agent. Processes share none: if they did, the answer to one
 * would come over a connection of another one, and end with that. So the agent keeps apart what each of them has.
 *
 * An agent that the code under test made itself and gives to several processes is one object, as it says.
 */
export function patchHttpGlobalAgent(): void {
  const agent = nodeHttp().globalAgent as Agent & Pool
  const { requests, sockets, freeSockets, totalSocketCount } = agent
  const outside: Pool = { requests, sockets, freeSockets, totalSocketCount }
  const poolNow = ofEachProcess(outside, emptyPool)
  for (const name of kept) {
    Object.defineProperty(agent, name, {
      configurable: true,
      enumerable: true,
      get: () => poolNow()[name],
      set: (value) => Object.assign(poolNow(), { [name]: value }),
    })
  }
}

function emptyPool(): Pool {
  return {
    requests: Object.create(null),
    sockets: Object.create(null),
    freeSockets: Object.create(null),
    totalSocketCount: 0,
  }
}
