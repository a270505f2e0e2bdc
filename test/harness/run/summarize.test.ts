import { expect, it } from 'vitest'
import type { Check } from '../../../harness/check/check.ts'
import { check } from '../../../harness/check/checks.ts'
import { judgeAll } from '../../../harness/check/judge.ts'
import { summarize } from '../../../harness/run/summarize.ts'
import tally from '../../fixtures/scenarios/simulated-tally.ts'
import { history } from '../check/notation.ts'

function notesOf(text: string, checks: readonly Check[] = [check.progress()]): string[] {
  const told = history(text)
  const facts = {
    world: 'live',
    defect: null,
    seed: 1,
    clients: 1,
    rounds: 1,
    durationMs: 1,
    history: '',
    replay: '',
  } as const
  const judgement = judgeAll(checks, told)
  return summarize(told, judgement, { ...facts, scenario: tally, notes: [], inconclusive: false, explored: null }).notes
}

const refused = `
  c0 invoke read
  c0 fail 400 no such address
`

it('says that nothing completed, and why, where no check says so', () => {
  const blind: Check = { name: 'blind', judge: () => ({ verdict: 'valid', findings: [] }) }
  expect(notesOf(refused, [blind])).toEqual([
    'Nothing can be said: no call was answered, and no event was delivered; 1 call failed, the first, read, with: no such address.',
  ])
})

it('adds nothing to what a check says, nor where something completed', () => {
  expect(notesOf(refused, [check.progress()])).toEqual([])
  expect(notesOf('\n  c0 invoke read\n  c0 ok 1\n')).toEqual([])
})
