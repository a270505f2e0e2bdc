import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entry, packageRoot } from '../../../../harness/entry.ts'
import { lookAtFailure, type SeenSchedule } from '../../../../harness/explore/failure-task.ts'
import type { SubjectSpec } from '../../../../harness/explore/pool-messages.ts'

/** A file of three steps is written while a timer runs: it fails when the timer is first. */
const subject = (before = '') => `
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { functionSubject } from '${pathToFileURL(entry('harness/explore/function-subject')).href}'
${before}
export async function loadSubject({ name }) {
  return functionSubject(async () => {
    const first = await Promise.race([writeFile('/tmp/x', name).then(() => 'file'), sleep(5).then(() => 'timer')])
    await sleep(100)
    if (first === 'timer') throw new Error('the file came too late')
  }, { name, leftovers: true })
}
`

let folder: string
let spec: SubjectSpec
beforeAll(async () => {
  await mkdir(join(packageRoot, '.cache'), { recursive: true })
  folder = await mkdtemp(join(packageRoot, '.cache', 'failure-'))
  spec = await specOf('subject.mjs', subject())
})
afterAll(() => rm(folder, { recursive: true }))

async function specOf(file: string, text: string): Promise<SubjectSpec> {
  const path = join(folder, file)
  await writeFile(path, text)
  return { module: pathToFileURL(path).href, input: { name: 'the race' } }
}

const variant = { seed: 5 }
const late = expect.stringMatching(/^Error: the file came too late\nthrown at .*subject\.mjs:\d+$/)
const holds = [{ event: 'fs#1/0', until: 'timer:main:5/0' }]

describe('a thread that looks at a failing schedule', () => {
  it('shows it again under its holds, the same each time', async () => {
    const first = (await lookAtFailure({ spec, variant, by: { holds } })) as SeenSchedule
    expect(first.judged.findings).toMatchObject([{ check: 'assertion', message: late }])
    expect(first.timeLine.rows.map(({ part }) => part)).toEqual(expect.arrayContaining(['due', 'awaited', 'held']))
    expect(await lookAtFailure({ spec, variant, by: { holds } })).toEqual(first)
  })

  it('makes it small, so that its holds show the same again', async () => {
    const found = (await lookAtFailure({ spec, variant, by: { holds } })) as SeenSchedule
    const { played: choices, judged } = found
    const small = (await lookAtFailure({ spec, variant, by: { choices, judged } })) as SeenSchedule
    expect(small).toMatchObject({ holds: [expect.anything()], order: null })
    expect(small.judged.findings[0]!.message).toEqual(late)
    const again = (await lookAtFailure({ spec, variant, by: { holds: small.holds } })) as SeenSchedule
    expect([again.traceHash, again.digests]).toEqual([small.traceHash, small.digests])
  })

  it('shows what no holds bring back in the order in which it was found, with all its events', async () => {
    // It fails in its third run: not in natural order, nor when its deviations are looked for, and then in its order.
    const text = `
let runs = 0
const inner = functionSubject(() => sleep(1), { name: 'fickle', leftovers: true })
const finding = { check: 'assertion', message: 'fickle', clients: [], evidence: [] }
export async function loadSubject() {
  const judge = (outcome) => (++runs === 3 ? { ...outcome, verdict: 'invalid', findings: [finding] } : outcome)
  return { name: 'fickle', trial: (variant) => {
    const trial = inner.trial(variant)
    return { ...trial, judge: (result) => judge(trial.judge(result)) }
  } }
}`
    const fickle = await specOf('fickle.mjs', subject().replace(/export async function[\s\S]*/, text))
    const choices = ['start/0', 'timer:main:1/0']
    const judged = {
      verdict: 'invalid' as const,
      findings: [{ check: 'assertion', message: 'fickle', clients: [], evidence: [] }],
      history: [],
      clients: 0,
      faults: [],
      calls: [],
    }
    const shown = (await lookAtFailure({ spec: fickle, variant, by: { choices, judged } })) as SeenSchedule
    expect(shown).toMatchObject({ holds: [], order: choices, judged: { verdict: 'invalid' } })
    expect(shown.played).toEqual(expect.arrayContaining(choices))
  })

  it('gives nothing when it is ended before, or meanwhile', async () => {
    expect(await lookAtFailure({ spec, variant, by: { holds } }, AbortSignal.abort())).toBeNull()
    const controller = new AbortController()
    const looking = lookAtFailure({ spec, variant, by: { holds } }, controller.signal)
    controller.abort()
    expect(await looking).toBeNull()
  })

  it('passes on why the subject cannot be loaded', async () => {
    const broken = await specOf('broken.mjs', subject(`throw new Error('no such database')`))
    await expect(lookAtFailure({ spec: broken, variant, by: { holds } })).rejects.toMatchObject({
      code: 'ERR_INTERNAL',
      message: expect.stringContaining('no such database'),
    })
  })

  it('fails when the thread dies', async () => {
    const text = `setImmediate(() => { throw new Error('out of its depth') }); await new Promise(() => {})`
    const dying = await specOf('dying.mjs', subject(text))
    await expect(lookAtFailure({ spec: dying, variant, by: { holds } })).rejects.toThrow('out of its depth')
  })
})
