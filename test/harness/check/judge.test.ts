import { type Check, HarnessError, judgeAll, judged, unseen } from 'raceproof'
import { describe, expect, it } from 'vitest'
import { withFindings } from '../../../harness/check/judge.ts'
import { history } from './notation.ts'

const answered = history(`
  c0 invoke read
  c0 ok 1
`)
const finding = { check: 'wrong', message: 'something is wrong', clients: ['c0'], evidence: [] }
const right: Check = { name: 'right', judge: () => judged([]) }
const wrong: Check = { name: 'wrong', judge: () => judged([finding]) }
const blind: Check = { name: 'blind', judge: () => unseen('it is dark') }

describe('withFindings', () => {
  it('counts in the row of each check what was found besides, also by one that was not asked for', () => {
    const met = [
      finding,
      { ...finding, check: 'right' },
      { ...finding, check: 'right' },
      { ...finding, check: 'other' },
    ]
    const { verdict, results, findings } = withFindings(judgeAll([right, blind, wrong], answered), met)
    expect(verdict).toBe('invalid')
    expect(findings).toEqual(met)
    expect(results).toEqual([
      { check: 'right', verdict: 'invalid', findings: 2, reason: null },
      { check: 'blind', verdict: 'unknown', findings: 0, reason: 'it is dark' },
      { check: 'wrong', verdict: 'invalid', findings: 1, reason: null },
      { check: 'other', verdict: 'invalid', findings: 1, reason: null },
    ])
  })

  it('changes nothing where nothing was', () => {
    const judgement = judgeAll([right, blind], answered)
    expect(withFindings(judgement, [])).toEqual(judgement)
  })
})

describe('judgeAll', () => {
  it('calls a run valid when something completed and no check objects', () => {
    expect(judgeAll([right], answered)).toEqual({
      verdict: 'valid',
      results: [{ check: 'right', verdict: 'valid', findings: 0, reason: null }],
      findings: [],
    })
  })

  it('lets one finding outweigh everything, and keeps what each check said', () => {
    const { verdict, results, findings } = judgeAll([right, blind, wrong], answered)
    expect(verdict).toBe('invalid')
    expect(findings).toEqual([finding])
    expect(results).toEqual([
      { check: 'right', verdict: 'valid', findings: 0, reason: null },
      { check: 'blind', verdict: 'unknown', findings: 0, reason: 'it is dark' },
      { check: 'wrong', verdict: 'invalid', findings: 1, reason: null },
    ])
  })

  it('does not call a run valid that a check could not see', () => {
    expect(judgeAll([right, blind], answered).verdict).toBe('unknown')
  })

  it('says that more rounds would tell, when a check says so', () => {
    const hesitant: Check = { name: 'hesitant', judge: () => ({ ...unseen('not yet'), moreRounds: true }) }
    expect(judgeAll([right, hesitant], answered)).toMatchObject({ verdict: 'unknown', moreRounds: true })
    expect(judgeAll([right, blind], answered)).not.toHaveProperty('moreRounds')
  })

  it('does not call a run valid in which nothing completed, though no check objects', () => {
    const refused = history(`
      c0 invoke read
      c0 fail 503 no room
    `)
    expect(judgeAll([right], []).verdict).toBe('unknown')
    expect(judgeAll([right], refused).verdict).toBe('unknown')
    expect(judgeAll([wrong], []).verdict).toBe('invalid')
  })

  it('does not call a run valid without any check', () => {
    expect(judgeAll([], answered).verdict).toBe('unknown')
  })

  it('names the check that throws, and keeps what it threw', () => {
    const cause = new TypeError('undefined is not iterable')
    const broken: Check = {
      name: 'broken',
      judge: () => {
        throw cause
      },
    }
    const act = () => judgeAll([right, broken], answered)
    expect(act).toThrow(HarnessError)
    expect(act).toThrow(/'broken'.*undefined is not iterable/)
    expect(act).toThrow(expect.objectContaining({ code: 'ERR_INTERNAL', cause }))
  })
})
