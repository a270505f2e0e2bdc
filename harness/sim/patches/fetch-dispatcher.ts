import { isDeepStrictEqual } from 'node:util'
import { active } from '../active.ts'
import { ofEachProcess } from './each-process.ts'

/** Where undici, Node's own and the package, keeps what `fetch` sends its requests through, by the version of the place. */
const places = [1, 2].map((version) => Symbol.for(`undici.globalDispatcher.${version}`))

type Dispatcher = Record<string | symbol, unknown>
type DispatcherClass = new () => Dispatcher

const globals = globalThis as unknown as Record<symbol, Dispatcher | undefined>

/**
 * The agent behind `fetch`, which keeps connections. Processes share none, see `http-global-agent.ts`: each has an agent of
 * its own. One that the code under test has put there, such as a mock or one with options, is left as it is.
 */
export function patchFetchDispatcher(): void {
  const known = new WeakSet<Dispatcher>()
  active.atStart.add(() => {
    for (const place of places) {
      const dispatcher = globals[place]
      if (dispatcher === undefined || known.has(dispatcher)) continue
      known.add(dispatcher)
      if (!isPlainAgent(dispatcher)) continue
      const apart = oneForEachProcess(dispatcher)
      known.add(apart)
      globals[place] = apart
    }
  })
}

/** Whether it is what undici puts there when nobody says otherwise. */
function isPlainAgent(dispatcher: Dispatcher): boolean {
  const Made = dispatcher.constructor as DispatcherClass
  return Made.name === 'Agent' && isDeepStrictEqual(optionsOf(dispatcher), optionsOf(new Made()))
}

/** undici keeps them under a private symbol. */
function optionsOf(dispatcher: Dispatcher): unknown {
  const symbol = Object.getOwnPropertySymbols(dispatcher).find(({ description }) => description === 'options')
  return symbol && dispatcher[symbol]
}

/** Acts as the given agent outside of schedules, and as one of the process whose code runs inside. */
function oneForEachProcess(outside: Dispatcher): Dispatcher {
  const Made = outside.constructor as DispatcherClass
  const agentNow = ofEachProcess(outside, () => new Made())
  return new Proxy(outside, {
    get(_, name) {
      const agent = agentNow()
      const value = agent[name]
      return typeof value === 'function' && name !== 'constructor' ? value.bind(agent) : value
    },
  })
}
