import '../../../../harness/register.ts'
import fs from 'node:fs'
import { appendFile, mkdir, open, readFile, rename, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { replay, simulate } from '../../../../harness/sim/simulate.ts'
import { natural } from '../../../../harness/sim/strategy/natural.ts'
import { scheduled } from './temporary-folder.ts'

const folder = '/tmp/raceproof-order'

/** What the program comes to over many schedules, each outcome once. */
async function outcomes(program: () => Promise<unknown>, schedules = 150): Promise<Set<unknown>> {
  const seen = new Set<unknown>()
  for (let seed = 1; seed <= schedules; seed++) {
    seen.add(
      await scheduled((sim) => {
        sim.file(`${folder}/f`, 'old')
        return program()
      }, seed),
    )
  }
  return seen
}

describe('operations that are under way at once', () => {
  it('complete in any order', async () => {
    const orders = await outcomes(async () => {
      const done: string[] = []
      await Promise.all(['a', 'b', 'c'].map((name) => fs.promises.stat('/').then(() => done.push(name))))
      return done.join('')
    })
    expect(orders).toEqual(new Set(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']))
  })

  it('append one after the other, in either order, and lose nothing', async () => {
    const texts = await outcomes(async () => {
      await Promise.all([appendFile(`${folder}/f`, '+a'), appendFile(`${folder}/f`, '+b')])
      return fs.readFileSync(`${folder}/f`, 'utf8')
    })
    expect(texts).toEqual(new Set(['old+a+b', 'old+b+a']))
  })

  it('let a reader see a file that is written in place while it is empty', async () => {
    const texts = await outcomes(async () => {
      const [, text] = await Promise.all([writeFile(`${folder}/f`, 'new'), readFile(`${folder}/f`, 'utf8')])
      return text
    })
    expect(texts).toEqual(new Set(['old', '', 'new']))
  })

  it('let a reader see some of the chunks that a writer writes', async () => {
    const texts = await outcomes(async () => {
      const write = async () => {
        const handle = await open(`${folder}/f`, 'r+')
        await handle.write('NE')
        await handle.write('W')
        await handle.close()
      }
      const [, text] = await Promise.all([write(), readFile(`${folder}/f`, 'utf8')])
      return text
    })
    expect(texts).toEqual(new Set(['old', 'NEd', 'NEW']))
  })

  it('never show half of a rename', async () => {
    const texts = await outcomes(async () => {
      const replace = async () => {
        await writeFile(`${folder}/next`, 'new')
        await rename(`${folder}/next`, `${folder}/f`)
      }
      const [, text] = await Promise.all([replace(), readFile(`${folder}/f`, 'utf8')])
      return text
    })
    expect(texts).toEqual(new Set(['old', 'new']))
  })

  it('let one of two exclusive creations win', async () => {
    const winners = await outcomes(async () => {
      const claims = ['a', 'b'].map((name) => writeFile(`${folder}/lock`, name, { flag: 'wx' }))
      const settled = await Promise.allSettled(claims)
      const lost = settled.map((claim) => (claim.status === 'rejected' ? claim.reason.code : 'won'))
      return `${lost} ${fs.readFileSync(`${folder}/lock`, 'utf8')}`
    })
    expect(winners).toEqual(new Set(['won,EEXIST a', 'EEXIST,won b']))
  })
})

describe('the schedule of file operations', () => {
  it('says what each does', async () => {
    const { trace } = await simulate(
      async () => {
        await mkdir(folder)
        await appendFile(`${folder}/audit.log`, 'text')
        await rename(`${folder}/audit.log`, `${folder}/old.log`)
      },
      { strategy: natural() },
    )
    expect(trace.map((line) => line.replace(/^\d+ \S+ /, ''))).toEqual([
      'the function',
      'mkdir raceproof-order',
      'open audit.log',
      'write audit.log "text" 4 B',
      'close audit.log',
      'rename audit.log → old.log',
    ])
  })

  it('is the same for one seed, and depends on what is written', async () => {
    const program = (text: string) => async () => {
      await mkdir(folder, { recursive: true })
      await Promise.all(['a', 'b', 'c'].map((name) => writeFile(`${folder}/${name}`, text)))
      return fs.statSync(`${folder}/a`)
    }
    const [one, again, other] = [
      await simulate(program('text'), { seed: 7 }),
      await simulate(program('text'), { seed: 7 }),
      await simulate(program('TEXT'), { seed: 7 }),
    ]
    expect(again).toEqual(one)
    expect(other.choices).toEqual(one.choices)
    expect(other.hash).not.toBe(one.hash)
    const { divergence, hash } = await replay(program('text'), one.choices, { seed: 7 })
    expect({ divergence, hash }).toEqual({ divergence: null, hash: one.hash })
  })

  it('gives files the times of the schedule, and inode numbers that are counted', async () => {
    const [first, second] = await scheduled(async () => {
      await sleep(1000)
      fs.writeFileSync('/tmp/first', '')
      await sleep(500)
      fs.writeFileSync('/tmp/second', '')
      return [fs.statSync('/tmp/first'), fs.statSync('/tmp/second')] as const
    })
    expect(second.birthtimeMs - first.birthtimeMs).toBeGreaterThanOrEqual(500)
    expect(new Date(first.mtimeMs).toISOString()).toMatch(/^2026-01-01T00:00:01/)
    expect(second.ino).toBe(first.ino + 1)
  })

  it('keeps the context of the code that asked', async () => {
    const { AsyncLocalStorage } = await import('node:async_hooks')
    const context = new AsyncLocalStorage<string>()
    const seen = await scheduled(() =>
      Promise.all(
        ['a', 'b'].map((name) =>
          context.run(name, () => new Promise((resolve) => fs.stat('/', () => resolve(context.getStore())))),
        ),
      ),
    )
    expect(seen).toEqual(['a', 'b'])
  })
})
