import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { models } from '../../../../harness/check/linearizable/models.ts'
import { packageRoot } from '../../../../harness/entry.ts'
import { checkHistory } from '../../../../harness/run/check-history.ts'

/** `MODEL.what-happens.ok.jsonl` and `MODEL.what-happens.bad.jsonl`, written by hand. */
const folder = join(packageRoot, 'test/histories/linearizable')
const files = readdirSync(folder).filter((file) => file.endsWith('.jsonl'))
const modelOf = (file: string) => basename(file).split('.')[0]!

describe('the history corpus', () => {
  it.each(files.filter((file) => file.endsWith('.ok.jsonl')))('%s is linearizable', async (file) => {
    const { verdict, reason, prefix, witness } = await checkHistory(join(folder, file), modelOf(file))
    expect({ verdict, reason, prefix, witness }).toEqual({ verdict: 'valid', reason: null, prefix: null, witness: [] })
  })

  it.each(files.filter((file) => file.endsWith('.bad.jsonl')))('%s is not, and a few calls show why', async (file) => {
    const { verdict, reason, prefix, witness } = await checkHistory(join(folder, file), modelOf(file))
    expect(verdict, reason ?? '').toBe('invalid')
    expect(reason).toMatch(/\.$/)
    expect(prefix?.smallest).toBe(true)
    expect(witness.length).toBeGreaterThan(0)
    expect(witness.length).toBeLessThanOrEqual(4)
  })

  it('has a good and a bad history for every ready model', () => {
    for (const name of Object.keys(models)) {
      for (const kind of ['ok', 'bad']) {
        expect(
          files.filter((file) => modelOf(file) === name && file.endsWith(`.${kind}.jsonl`)),
          `${name} ${kind}`,
        ).not.toEqual([])
      }
    }
  })
})
