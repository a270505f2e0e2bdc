import type { Inspector } from './inspector.ts'

/** What Node calls the resources that keep an event loop alive, and what we call them. */
const activeResources: Readonly<Record<string, string>> = {
  Timeout: 'timers',
  TCPSocketWrap: 'sockets',
  TCPServerWrap: 'servers',
  PipeWrap: 'pipes',
}

/** Counts what keeps the target's event loop alive, and its worker threads. Cheap enough to be asked again and again. */
export async function runtimeCounts(inspector: Inspector): Promise<Record<string, number>> {
  const counts: Record<string, number> = Object.fromEntries(Object.values(activeResources).map((kind) => [kind, 0]))
  for (const resource of await evaluate<string[]>(inspector, 'process.getActiveResourcesInfo()')) {
    const kind = activeResources[resource]
    if (kind !== undefined) counts[kind] = (counts[kind] as number) + 1
  }
  return { ...counts, workers: await workers(inspector) }
}

/** The heap in use after all garbage has been collected; twice, because finalizers make more of it. */
export async function heapMiB(inspector: Inspector): Promise<number> {
  await inspector.send('HeapProfiler.collectGarbage')
  await inspector.send('HeapProfiler.collectGarbage')
  const bytes = await evaluate<number>(inspector, 'process.memoryUsage().heapUsed')
  return Math.round((bytes / 2 ** 20) * 100) / 100
}

async function evaluate<T>(inspector: Inspector, expression: string): Promise<T> {
  const { result } = await inspector.send<{ result: { value: T } }>('Runtime.evaluate', {
    expression,
    returnByValue: true,
  })
  return result.value
}

/** The debugger tells every running worker when it is asked to attach to them, which it does not stay. */
async function workers(inspector: Inspector): Promise<number> {
  const attached = await inspector.during('NodeWorker.attachedToWorker', () =>
    inspector.send('NodeWorker.enable', { waitForDebuggerOnStart: false }),
  )
  await inspector.send('NodeWorker.disable')
  return attached.length
}
