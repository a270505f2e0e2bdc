import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { replayCommand } from '../../../harness/run/replay-command.ts'

const plain = {
  argument: 'tally',
  world: 'live',
  seed: 7,
  target: undefined,
  defect: null,
  clients: undefined,
  seconds: undefined,
}

describe('replayCommand', () => {
  it('repeats what was asked for and leaves out what was not', () => {
    expect(replayCommand(plain)).toBe('raceproof run tally --world live --seed 7')
    expect(replayCommand({ ...plain, defect: 'lost-update', clients: 5, seconds: 2.5 })).toBe(
      'raceproof run tally --world live --seed 7 --defect lost-update --clients 5 --seconds 2.5',
    )
  })

  it('can be pasted into a shell, whatever the target is', () => {
    const target = `node server.js --say "it's $HOME; \`ls\`"`
    const words = replayCommand({ ...plain, argument: './my scenarios/a.ts', target }).replace('raceproof', '')
    const read = execFileSync('sh', ['-c', `printf '%s\\n' ${words}`], { encoding: 'utf8' })
    expect(read.split('\n')).toEqual([
      'run',
      './my scenarios/a.ts',
      '--world',
      'live',
      '--seed',
      '7',
      '--target',
      target,
      '',
    ])
  })
})
