import '../../../../harness/register.ts'
import { expect, it } from 'vitest'
import { type ExplorationFailed, explore } from '../../../../harness/explore/explore.ts'
import { width } from '../../../../harness/explore/told/wrapped.ts'
import { expectGolden } from '../../../golden/golden.ts'
import { deadlock, doubleLoad, exitBeforeDrained, leak, lostUpdate, type Program, teardown } from './programs.ts'

async function told({ name, run }: Program): Promise<ExplorationFailed> {
  const failure = await explore(run, { name, schedules: 300 }).catch((error: unknown) => error)
  return failure as ExplorationFailed
}

it.each<[string, Program]>([
  ['double-load', doubleLoad],
  ['teardown', teardown],
  ['exit-before-drained', exitBeforeDrained],
  ['deadlock', deadlock],
  ['lost-update', lostUpdate],
  ['leak', leak],
])('tells %s as the golden file does, and the same again when it is replayed', async (file, program) => {
  const { message, replay, findings } = await told(program)
  expectGolden(`told/${file}.txt`, `${message}\n`)
  const again = (await explore(program.run, { name: program.name, replay }).catch(
    (error) => error,
  )) as ExplorationFailed
  expect(again.findings).toEqual(findings)
  // All but the headline, which counts schedules.
  const body = (text: string) => text.slice(text.indexOf('\n\n'))
  expect(body(again.message)).toBe(body(message))
})

it('stays within a hundred columns', async () => {
  for (const program of [doubleLoad, teardown, deadlock, leak]) {
    const { message } = await told(program)
    // What is pasted somewhere is not broken into lines.
    const lines = message.split('\n').filter((line) => !line.startsWith('  replay'))
    expect(lines.filter((line) => line.length > width)).toEqual([])
  }
})
