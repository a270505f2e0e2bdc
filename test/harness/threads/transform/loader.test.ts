import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { entry } from '../../../../harness/entry.ts'

const program = fileURLToPath(new URL('../../../fixtures/threads/loaded.mjs', import.meta.url))

interface Printed {
  /** Of an error of the harness. */
  code?: string
  /** Of what was found. */
  kind?: string
  places?: string[]
}

/** What the program prints when it is run as its user would. */
async function run(...args: string[]): Promise<Printed> {
  const { stdout } = await execa(process.execPath, [...args, program])
  return JSON.parse(stdout)
}

it('rewrites the modules of a program as they are loaded, with the lines that the user wrote', async () => {
  const { kind, places } = await run('--import', entry('harness/threads/transform/register-loader'))
  expect(kind).toBe('data-race')
  expect(places?.map((place) => place.split('/').pop())).toEqual(
    Array(2).fill(['loaded.mjs:5:3', 'loaded.mjs:5:12']).flat(),
  )
})

it('is asked for when nothing was rewritten', async () => {
  expect(await run()).toEqual({ code: 'ERR_USAGE' })
})
