import { describe, expect, it } from 'vitest'
import { proveText } from '../../reports/prove-text.ts'
import { rowsOf, trackRecord } from '../../reports/track-record.ts'
import { expectGolden } from '../golden/golden.ts'
import { defectProof, proveRecord, silenceProof } from '../harness/run/prove/proofs.ts'

describe('what prove prints', () => {
  it('tells what is missing first, and how to look closer', () => {
    const missing = 'seat-reservation found it with 0 of 5 seeds within 10,000 schedules; what fired instead: delivery'
    const missed = defectProof({
      name: 'late-hold',
      caught: false,
      by: [],
      found: 0,
      schedulesMedian: null,
      holds: null,
      replayed: null,
      passes: null,
      missing,
    })
    const alarmed = silenceProof({
      scenario: 'box-office',
      alarms: 2,
      alarm: 'schedule 7 of seed 1 (pct): survival: gone',
    })
    const defects = [...proveRecord().defects, missed]
    const record = proveRecord({ verdict: 'invalid', defects, silent: [silenceProof(), alarmed] })
    expectGolden('prove.txt', proveText(record))
  })
})

describe('the track record', () => {
  it('has a row for each defect and world', () => {
    expectGolden('track-record.md', trackRecord(proveRecord(), null))
  })

  it('leaves what others wrote around the proofs', () => {
    const before = trackRecord(proveRecord({ defects: [defectProof({ name: 'other' })] }), null)
    const after = trackRecord(proveRecord(), `${before}\nwritten by another tool\n`)
    expect(after).toContain('written by another tool')
    expect(rowsOf(after)).toHaveLength(2)
    expect(trackRecord(proveRecord(), after)).toBe(after)
  })

  it('says with how many seeds it was tried, also when the first defect was given up early', () => {
    const givenUp = defectProof({ caught: false, seeds: 1, found: 0, missing: 'not found' })
    const defects = [givenUp, defectProof()]
    expect(trackRecord(proveRecord({ defects }), null)).toContain('each tried with 5 seeds')
  })

  it('says so when some were tried with more seeds than others', () => {
    const defects = [10, 3, 3].map((seeds) => defectProof({ seeds, found: seeds }))
    expect(trackRecord(proveRecord({ defects }), null)).toContain('each tried with 3 or 10 seeds')
  })

  it('says of threads whether real workers confirmed it, and reads those rows back too', () => {
    const [confirmed, not] = [true, false].map((confirmed) => ({ confirmed, told: 'as told' }))
    const defects = [confirmed!, not!].map((workers) => defectProof({ world: 'threads', workers }))
    const told = trackRecord(proveRecord({ defects }), null)
    expect(told).toContain('| replayed | on workers | command |')
    expect(told.match(/20 of 20 \| (yes|no) \|/g)).toEqual(['20 of 20 | yes |', '20 of 20 | no |'])
    expect(rowsOf(told)).toMatchObject([{ world: 'threads', command: defectProof().command }, {}])
  })

  it('keeps the proofs of a world that was not run', () => {
    const [sim, live] = ['sim', 'live'].map((world) => proveRecord().defects.filter((proof) => proof.world === world))
    const both = trackRecord(proveRecord({ defects: live! }), trackRecord(proveRecord({ defects: sim! }), null))
    expect(rowsOf(both).map(({ world }) => world)).toEqual(['sim', 'live'])
  })

  it('can be read back, without its figures', () => {
    expect(rowsOf(trackRecord(proveRecord(), null))).toEqual(
      ['sim', 'live'].map((world) => ({
        name: 'check-then-act',
        expected: ['mutual-exclusion', 'survival'],
        world,
        command: defectProof().command,
      })),
    )
  })
})
