import { describe, expect, it } from 'vitest'
import { kill } from '../../harness/fault/kill.ts'
import { nemesis } from '../../harness/fault/nemesis.ts'
import { scenario } from '../../harness/scenario.ts'

const sound = {
  target: { client: () => ({}) },
  source: 'a report',
  promise: 'nothing is lost',
  script: async () => {},
  checks: [{ name: 'delivery', judge: () => ({ verdict: 'valid', findings: [] }) }],
  scale: { live: { clients: 3, seconds: 1 } },
}
// The input of a user's file is not typed, so these tests go around the types as such a file does.
const declare = (name: unknown, change: object) => () => scenario(name as string, { ...sound, ...change } as never)

describe('scenario', () => {
  it('keeps the definition under its name', () => {
    expect(declare('lost-update', {})()).toMatchObject({
      kind: 'scenario',
      name: 'lost-update',
      promise: 'nothing is lost',
    })
  })

  it.each([
    ['a name that is no file name', 'Lost Update', {}, 'the name must be kebab-case'],
    ['a missing target', 'x', { target: undefined }, 'target must be a target made by defineTarget()'],
    ['a script that is no function', 'x', { script: 'run' }, 'script must be an async function, got string'],
    ['no checks', 'x', { checks: [] }, 'without one, no run could be judged'],
    ['a check that is none', 'x', { checks: ['delivery'] }, 'every entry of checks must be a check'],
    ['no promise', 'x', { promise: undefined }, 'promise must be a sentence, got undefined'],
    ['a source that is none', 'x', { source: 12 }, 'source must be a sentence, got 12'],
    ['a field that nobody reads', 'x', { fault: [] }, "there is no field 'fault'. Did you mean 'faults'?"],
    [
      'a figure that nobody reads',
      'x',
      { scale: { sim: { clients: 3, schedule: 9 } } },
      "scale.sim: there is no field 'schedule'. Did you mean 'schedules'?",
    ],
    ['no scale', 'x', { scale: {} }, 'scale must name at least one world'],
    [
      'an unknown world',
      'x',
      { scale: { real: { clients: 1 } } },
      "scale names the world 'real'; the worlds are sim, live, threads",
    ],
    [
      'half a client',
      'x',
      { scale: { live: { clients: 0.5, seconds: 1 } } },
      'scale.live.clients must be a whole number of at least 1, got 0.5',
    ],
    [
      'no time',
      'x',
      { scale: { live: { clients: 1, seconds: 0 } } },
      'scale.live.seconds must be a number above 0, got 0',
    ],
    ['half a process', 'x', { processes: 1.5 }, 'processes must be a whole number of at least 1, got 1.5'],
    [
      'a fault of a process that is not there',
      'x',
      { processes: 2, faults: [nemesis(kill(), { process: 2 })] },
      "'kill' is to hit process 2; there are 2, from 0",
    ],
  ])('refuses %s and says what was expected', (_, name, change, message) => {
    expect(declare(name, change)).toThrow(message)
  })
})
