import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Bench } from 'tinybench'
import { FileGate } from '../../reference-impl/mcp/file-gate.ts'
import { library } from '../../reference-impl/mcp/library.ts'
import { LockFile } from '../../reference-impl/mcp/lock-file.ts'
import { MetadataFile } from '../../reference-impl/mcp/metadata-file.ts'
import { ProcessTable } from '../../reference-impl/mcp/process-table.ts'
import type { Figure } from './figure.ts'

/** What the documents measured for one load of `metadata.json`, in milliseconds. */
const documentedMs = 0.03

/** How long it takes to read and check `metadata.json`, which happens on every load. */
export async function figures(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-metadata-'))
  try {
    return [figureOf(await loadMs(folder))]
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The median time of a load, in milliseconds. */
async function loadMs(folder: string): Promise<number> {
  const path = join(folder, 'metadata.json')
  await copyFile(join(library, 'metadata.json'), path)
  const processes = new ProcessTable()
  const gate = new FileGate('metadata', (of) => new LockFile({ path: `${of}.lock`, name: 'metadata-file', processes }))
  const metadata = new MetadataFile(path, gate)

  const bench = new Bench({ time: 500, warmupTime: 100 })
  bench.add('load', () => metadata.load())
  const [load] = await bench.run()
  if (load?.result.state === 'completed') return load.result.latency.p50
  throw new Error(`the benchmark of the metadata load ended as '${load?.result.state}'`)
}

function figureOf(value: number): Figure {
  return {
    name: 'metadata load',
    value,
    unit: 'ms',
    peer: "the documents' figure",
    peerValue: documentedMs,
    ratio: value / documentedMs,
    goal: `at most ${documentedMs} ms`,
    met: value <= documentedMs,
  }
}
