import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { entry } from '../../harness/entry.ts'
import { youngGenerationMiB } from '../../harness/explore/schedule-worker.ts'
import type { Figure } from './figure.ts'
import type { Measured } from './sim/measure.ts'

const goals: Record<keyof Measured['speed'], { what: string; goal: number }> = {
  bare3: { what: 'bare server, 3 clients', goal: 1000 },
  bare100: { what: 'bare server, 100 clients', goal: 60 },
  pipeline3: { what: 'reference pipeline, 3 clients, recorded and checked', goal: 500 },
  pipeline100: { what: 'reference pipeline, 100 clients, recorded and checked', goal: 30 },
}

/** How fast schedules run in the simulated world, and how many it takes to find six bugs. */
export async function figures(): Promise<Figure[]> {
  // Of which V8 takes a third for what was made since it last looked.
  const memory = `--max-semi-space-size=${youngGenerationMiB / 3}`
  const args = [memory, '--import', entry('harness/register'), entry('test/bench/sim/measure')]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 })
  const { speed, model, bugs } = JSON.parse(stdout) as Measured
  const speeds = Object.entries(goals).map(([key, { what, goal }]) =>
    alone(`sim: ${what}`, speed[key as keyof Measured['speed']], 'schedules/CPU s', goal),
  )
  return [...speeds, besideFastCheck(model), ...bugs.map(bugFigure)]
}

function alone(name: string, value: number, unit: string, goal: number): Figure {
  const none = { peer: null, peerValue: null, ratio: null }
  return { name, value, unit, ...none, goal: `≥ ${goal}`, met: value >= goal }
}

function besideFastCheck({ ours, fastCheck }: Measured['model']): Figure {
  return {
    name: 'sim: asynchronous model of 36 steps',
    value: ours,
    unit: 'schedules/CPU s',
    peer: "fast-check's scheduler()",
    peerValue: fastCheck,
    ratio: ours / fastCheck,
    goal: '≥ 3 × fast-check',
    met: ours >= 3 * fastCheck,
  }
}

/** Only the portfolio, which is the default, has a goal; the others are there to compare. */
function bugFigure({ name, by, found, median }: Measured['bugs'][number]): Figure {
  return {
    name: `sim: ${name}, by ${by}`,
    value: median ?? Number.POSITIVE_INFINITY,
    unit: `schedules, ${found} of 20`,
    peer: null,
    peerValue: null,
    ratio: null,
    goal: by === 'portfolio' ? 'found by all 20 seeds' : 'none; for comparison',
    met: by !== 'portfolio' || found === 20,
  }
}
