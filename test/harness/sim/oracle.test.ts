import '../../../harness/register.ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { active } from '../../../harness/sim/active.ts'
import { reaches } from './oracle/reach.ts'
import type { Sample } from './oracle/sample.ts'

const corpus = JSON.parse(readFileSync(join(import.meta.dirname, 'oracle', 'corpus.json'), 'utf8')) as Sample[]

it('x', async () => {
  const start = Date.now()
  let total = 0
  const missed: string[] = []
  await new Promise<void>((resolve) => active.real.setImmediate(() => {
    for (const { program, orders } of corpus) for (const order of orders) { total++; if (!reaches(program, order)) missed.push(`${JSON.stringify(program)} :: ${order}`) }
    resolve()
  }))
  console.log(total, missed.length, Date.now() - start, missed.join('\n'))
})
