import type { Inspector } from './inspector.ts'

interface RemoteObject {
  objectId?: string
  value?: unknown
}

interface Properties {
  result: { name: string; value?: RemoteObject }[]
  internalProperties?: { name: string; value?: RemoteObject }[]
}

/** Objects that a count makes in the target are held under this name, and let go together. */
const objectGroup = 'raceproof'

/** Runs in the target on a list of all objects: constructors, and how many instances each has. */
const groupByConstructor = `function () {
  const counts = new Map()
  for (const object of this) {
    try {
      const constructor = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(object), 'constructor')?.value
      if (typeof constructor === 'function') counts.set(constructor, (counts.get(constructor) ?? 0) + 1)
    } catch {}
  }
  return [...counts].flat()
}`

/** Runs in the target on that list: the names and counts, in the same order. */
const namesAndCounts = `function () {
  return this.map((entry) => (typeof entry === 'function' ? String(entry.name) : entry))
}`

/**
 * Counts the living instances of every class that the target's own code or its packages define; those of Node's own
 * sources are pooled and cached in ways that look like leaks.
 *
 * The debugger finds all objects of the heap, which collects the garbage first, so that what is counted is really held.
 */
export class InstanceCounter {
  readonly #inspector: Inspector
  #scripts = new Map<string, string>()

  constructor(inspector: Inspector) {
    this.#inspector = inspector
  }

  async count(): Promise<Record<string, number>> {
    try {
      return await this.#countAll()
    } finally {
      await this.#inspector.send('Runtime.releaseObjectGroup', { objectGroup })
    }
  }

  async #countAll(): Promise<Record<string, number>> {
    const list = await this.#groupedObjects()
    const flat = await this.#call<(string | number)[]>(list, namesAndCounts, true)
    const own = await this.#fromOwnCode(list)
    const counts: Record<string, number> = {}
    for (let index = 0; index < flat.length; index += 2) {
      const name = `instances:${flat[index] || '(anonymous)'}`
      if (own[index / 2]) counts[name] = (counts[name] ?? 0) + (flat[index + 1] as number)
    }
    return counts
  }

  async #groupedObjects(): Promise<string> {
    const prototype = await this.#inspector.send<{ result: RemoteObject }>('Runtime.evaluate', {
      expression: 'Object.prototype',
      objectGroup,
    })
    const { objects } = await this.#inspector.send<{ objects: RemoteObject }>('Runtime.queryObjects', {
      prototypeObjectId: prototype.result.objectId,
      objectGroup,
    })
    return this.#call<string>(objects.objectId as string, groupByConstructor, false)
  }

  /** Calls a function on an object in the target; gives its value, or else a handle to it. */
  async #call<T>(objectId: string, functionDeclaration: string, returnByValue: boolean): Promise<T> {
    const { result } = await this.#inspector.send<{ result: RemoteObject }>('Runtime.callFunctionOn', {
      objectId,
      functionDeclaration,
      returnByValue,
      objectGroup,
    })
    return (returnByValue ? result.value : result.objectId) as T
  }

  /** For each constructor of the list, whether it was defined outside Node's own sources. */
  async #fromOwnCode(list: string): Promise<boolean[]> {
    const { result } = await this.#properties(list)
    const constructors = result.filter(({ name, value }) => /^\d+$/.test(name) && value?.objectId !== undefined)
    const locations = await Promise.all(constructors.map(({ value }) => this.#scriptOf(value?.objectId as string)))
    if (locations.some((script) => script !== null && !this.#scripts.has(script))) await this.#learnScripts()
    return locations.map((script) => script !== null && isOwn(this.#scripts.get(script)))
  }

  /** The script that defines a function; null for a function that is built in. */
  async #scriptOf(objectId: string): Promise<string | null> {
    const { internalProperties = [] } = await this.#properties(objectId)
    const location = internalProperties.find(({ name }) => name === '[[FunctionLocation]]')
    return (location?.value?.value as { scriptId: string } | undefined)?.scriptId ?? null
  }

  #properties(objectId: string): Promise<Properties> {
    return this.#inspector.send<Properties>('Runtime.getProperties', { objectId, ownProperties: true })
  }

  /** The debugger tells all scripts when it is enabled; it does not stay so, because the target would run slower. */
  async #learnScripts(): Promise<void> {
    const scripts = await this.#inspector.during<{ scriptId: string; url: string }>('Debugger.scriptParsed', () =>
      this.#inspector.send('Debugger.enable'),
    )
    await this.#inspector.send('Debugger.disable')
    this.#scripts = new Map(scripts.map(({ scriptId, url }) => [scriptId, url]))
  }
}

function isOwn(url: string | undefined): boolean {
  return url !== undefined && url !== '' && !url.startsWith('node:')
}
