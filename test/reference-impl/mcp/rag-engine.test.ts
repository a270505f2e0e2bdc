import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { DocumentSet } from '../../../reference-impl/mcp/document-set.ts'
import { IndexCache } from '../../../reference-impl/mcp/index-cache.ts'
import { RAGEngine } from '../../../reference-impl/mcp/rag-engine.ts'
import { ResultCache } from '../../../reference-impl/mcp/result-cache.ts'
import { folder } from './fixture.ts'

const aboutLocks = '## Locks\n\nA lock keeps others out.\n'
const aboutQueues = '## Queues\n\nA queue keeps others waiting, as a lock does.\n'

async function documentFile(text: string): Promise<string> {
  const path = join(await folder(), 'documents.md')
  await writeFile(path, text)
  return path
}

function engineOver(path: string, ttlMs: number) {
  const results = new ResultCache(ttlMs)
  return { rag: new RAGEngine(new DocumentSet(path), results, new IndexCache(ttlMs)), results }
}

it('answers each of 100 searches while 100 cleanups run against them', async () => {
  const { rag, results } = engineOver(await documentFile(aboutLocks), 0)
  const searches = (async () => {
    for (let turn = 0; turn < 100; turn++) {
      const [best] = await rag.search(`lock ${turn % 5}`)
      expect(best?.title).toBe('Locks')
    }
  })()
  const cleanups = (async () => {
    for (let turn = 0; turn < 100; turn++) {
      rag.cleanUp()
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  await Promise.all([searches, cleanups])
  const { hits, misses, avoided, doubleLoads } = results.metrics
  expect({ lookups: hits + misses + avoided, doubleLoads }).toEqual({ lookups: 100, doubleLoads: 0 })
})

it('searches once for callers that ask the same at the same time', async () => {
  const { rag, results } = engineOver(await documentFile(aboutLocks), 60_000)
  await Promise.all(Array.from({ length: 10 }, () => rag.search('lock')))
  await rag.search('lock')
  expect(results.metrics).toMatchObject({ misses: 1, hits: 1, avoided: 9, doubleLoads: 0 })
})

it('finds what was added to the documents, although the query is cached', async () => {
  const path = await documentFile(aboutLocks)
  const { rag } = engineOver(path, 60_000)
  expect(await rag.search('lock')).toHaveLength(1)
  await writeFile(path, aboutLocks + aboutQueues)
  expect((await rag.search('lock')).map(({ title }) => title)).toEqual(['Locks', 'Queues'])
})

it('keeps what is fresh when it cleans up', async () => {
  const path = await documentFile(aboutLocks)
  const { rag, results } = engineOver(path, 60_000)
  await rag.search('lock')
  expect(rag.cleanUp()).toBe(0)
  await utimes(path, 0, 0)
  await rag.search('lock')
  expect(results.size).toBe(2)
})
