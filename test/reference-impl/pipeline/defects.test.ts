import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Defect, partsWith } from 'raceproof'
import { describe, expect, it, onTestFinished } from 'vitest'
import { firstDisconnectTearsDown } from '../../../reference-impl/pipeline/defects/first-disconnect-tears-down.ts'
import { lateOutputLost } from '../../../reference-impl/pipeline/defects/late-output-lost.ts'
import { streamCleanupToctou } from '../../../reference-impl/pipeline/defects/stream-cleanup-toctou.ts'
import type { PlanKey } from '../../../reference-impl/pipeline/plan.ts'
import { PlanStore } from '../../../reference-impl/pipeline/plan-store.ts'
import { type PipelineParts, pipelineParts } from '../../../reference-impl/pipeline/server.ts'
import { linesOf, readSse, typesOf } from './readers.ts'
import { UnderTest, until } from './under-test.ts'

function startWith(defect: Defect | null, parts: Partial<PipelineParts> = {}): Promise<UnderTest> {
  const replaced = partsWith({ ...pipelineParts, ...parts }, defect, 'server') as PipelineParts
  return UnderTest.start({ parts: replaced, errorsExpected: defect !== null })
}

/** A store in which the clean-up after a deleted plan waits until it is let go. */
function slowToPurge(): { PlanStore: typeof PlanStore; waiting: () => boolean; letGo: () => void } {
  let letGo: (() => void) | undefined
  const slow = class extends PlanStore {
    override async purge(plan: PlanKey): Promise<void> {
      if (letGo === undefined) {
        await new Promise<void>((resolve) => {
          letGo = resolve
        })
      }
      await super.purge(plan)
    }
  }
  return { PlanStore: slow, waiting: () => letGo !== undefined, letGo: () => letGo?.() }
}

describe.each([
  [null, 'keeps its stream'],
  [streamCleanupToctou, 'loses its stream'],
])('a plan that is created again while its forerunner is cleaned up', (defect, fate) => {
  it(`${fate} with ${defect?.name ?? 'the correct server'}`, async () => {
    const store = slowToPurge()
    const server = await startWith(defect, { PlanStore: store.PlanStore })
    await server.create({ id: 'a', command: ['sleep', '600'] })
    await server.request('DELETE', '/api/plans/a')
    await until(store.waiting)
    await server.create({ id: 'a', command: ['bash', '-c', 'echo one; read < <(sleep 600)'] })
    const reader = readSse(server.url, 'a')
    await until(() => reader.reading.events.length === 1)
    store.letGo()
    if (defect === null) await until(() => server.open('stream').length === 1)
    else await reader.done
    reader.drop()
  })
})

describe.each([
  [null, 'completed'],
  [firstDisconnectTearsDown, 'log'],
])('a reader that stays when another leaves', (defect, last) => {
  it(`gets a ${last} event last with ${defect?.name ?? 'the correct server'}`, async () => {
    const server = await startWith(defect)
    const folder = await mkdtemp(join(tmpdir(), 'raceproof-test-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const left = join(folder, 'left')
    await server.create({ id: 'a', command: ['bash', '-c', `echo begun; until [ -e ${left} ]; do sleep 0.02; done`] })
    const [leaving, staying] = [readSse(server.url, 'a'), readSse(server.url, 'a')]
    await until(() => leaving.reading.events.length > 0 && staying.reading.events.length > 0)
    leaving.drop()
    await until(() => server.open('subscriber').length < 2)
    await writeFile(left, '')
    expect(
      typesOf(await staying.done)
        .filter((type) => type !== 'progress')
        .at(-1),
    ).toBe(last)
    await until(() => server.open('process').length === 0)
  })
})

describe.each([
  [null, 20],
  [lateOutputLost, 15],
])('the output that comes after the exit of a process', (defect, count) => {
  it(`brings it to ${count} lines with ${defect?.name ?? 'the correct server'}`, async () => {
    const server = await startWith(defect)
    const printed = 'for i in $(seq 15); do echo $i; done; sleep 0.2; (sleep 0.2; seq 16 20) &'
    await server.create({ id: 'a', command: ['bash', '-c', printed] })
    const reading = await readSse(server.url, 'a').done
    expect(typesOf(reading).at(-1)).toBe('completed')
    expect(linesOf(reading)).toHaveLength(count)
  })
})
