import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../../harness/entry.ts'
import { raceproof } from './raceproof.ts'

let folder: string
beforeAll(async () => {
  // Below the package, so that the files' own imports resolve.
  await mkdir(join(packageRoot, '.cache'), { recursive: true })
  folder = await mkdtemp(join(packageRoot, '.cache', 'bad-input-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Runs a command that cannot work, and returns what it says; it must exit 3 and have started nothing. */
async function complaint(args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await raceproof(args)
  expect(exitCode).toBe(3)
  expect(stdout).toBe('')
  expect(stderr).not.toContain(': boot\n')
  return stderr
}

describe('raceproof, used wrongly', () => {
  it.each<[string, string[], RegExp]>([
    [
      'a scenario that nobody has',
      ['run', 'tallly'],
      /ERR_UNKNOWN_NAME: there is no scenario 'tallly'\. Did you mean 'tally'\? Known: .*rapid-create-delete/,
    ],
    [
      'a file that is not there',
      ['run', './nowhere.ts'],
      /ERR_UNKNOWN_NAME: there is no scenario file \/.*\/nowhere\.ts/,
    ],
    [
      'a file that can be no scenario',
      ['run', join(packageRoot, 'package.json')],
      /ERR_SCENARIO_INVALID: .*package\.json: a scenario is a file that ends in \.ts, /,
    ],
    [
      'a defect that nobody has',
      ['run', '--defect', 'late-output'],
      /ERR_UNKNOWN_NAME: there is no defect 'late-output'\. Did you mean 'late-output-lost'\?/,
    ],
    [
      'a defect of another target',
      ['run', 'tally', '--defect', 'late-output-lost'],
      /ERR_USAGE: defect 'late-output-lost' is not one of the target 'tally', .* that has: lost-update/,
    ],
    [
      'a target that nobody has',
      ['run', '--target', 'pipline'],
      /ERR_UNKNOWN_NAME: there is no target 'pipline'\. Did you mean 'pipeline'\? Known: .* A URL, or a command/,
    ],
    [
      'another target than the scenario is about',
      ['run', 'tally', '--target', 'state'],
      /ERR_USAGE: scenario 'tally' is about the target 'tally', not 'state'/,
    ],
    [
      'a URL without scenarios',
      ['run', '--target', 'http://127.0.0.1:1'],
      /ERR_USAGE: .*name the scenarios to run against it/,
    ],
    ['a URL that is none', ['run', 'tally', '--target', 'http://'], /ERR_USAGE: --target: 'http:\/\/' is no valid URL/],
    [
      'a defect of the server in a server of somebody else',
      ['run', 'tally', '--target', 'http://127.0.0.1:1', '--defect', 'lost-update'],
      /ERR_USAGE: defect 'lost-update' replaces a part of the server/,
    ],
    [
      'a world that does not exist',
      ['run', 'tally', '--world', 'real'],
      /ERR_USAGE: --world: expected one of sim, live, threads, all, got 'real'/,
    ],
    [
      'a world that the scenario lacks',
      ['run', 'tally', '--world', 'sim'],
      /ERR_WORLD_UNSUPPORTED: scenario 'tally' does not run in the world 'sim'; it runs in: live/,
    ],
    [
      'a world that no scenario has',
      ['run', '--world', 'threads', '--target', 'mcp'],
      /ERR_WORLD_UNSUPPORTED: no scenario of the package that fits runs in the world 'threads'/,
    ],
    [
      'schedules where none are explored',
      ['run', 'tally', '--schedules', '10'],
      /ERR_USAGE: --schedules belongs to the worlds 'sim' and 'threads'/,
    ],
    [
      'a strategy where nothing is picked',
      ['run', 'tally', '--strategy', 'pct'],
      /ERR_USAGE: --strategy belongs to the worlds 'sim' and 'threads'/,
    ],
    [
      'a seed that is no number',
      ['run', 'tally', '--seed', 'abc'],
      /--seed <n>' argument 'abc' is invalid\. Expected a whole number of at least 0/,
    ],
    ['no clients at all', ['run', 'tally', '--clients', '0'], /Expected a whole number of at least 1/],
    ['no time at all', ['run', 'tally', '--seconds', '0'], /Expected a number above 0/],
    ['a profiler that is not known', ['run', 'tally', '--clinic', 'flame'], /Allowed choices are doctor/],
    [
      'a flag that does not exist',
      ['run', 'tally', '--sede', '1'],
      /unknown option '--sede'\n\(Did you mean --seed\?\)/,
    ],
    ['a command that does not exist', ['rum'], /unknown command 'rum'\n\(Did you mean run\?\)/],
    ['no command', [], /Usage: raceproof/],
    [
      'a folder that cannot be made',
      ['run', 'tally', '--out', join(packageRoot, 'package.json', 'x')],
      /ERR_OUTPUT: cannot write .*package\.json\/x: .*Name a folder that can be written with --out/,
    ],
    ['a report of nothing', ['report', '/nowhere'], /ERR_RECORD_INVALID: \/nowhere\/run\.json cannot be read/],
    ['a report without its folder', ['report'], /missing required argument 'run-dir'/],
  ])('refuses %s', async (_, args, message) => {
    expect(await complaint(args)).toMatch(message)
  })

  it.each<[string, string, RegExp]>([
    [
      'syntax.ts',
      "import { scenario } from 'raceproof'\n\nexport default scenario('x', {\n  promise: = 3,\n})\n",
      /syntax\.ts:4:12: Unexpected "="/,
    ],
    ['syntax.mjs', 'const a = 1\nexport default {{\n', /syntax\.mjs:2:\d+: /],
    [
      'empty.ts',
      'export const nothing = 1\n',
      /empty\.ts: expected its default export to be made by scenario\('…', \{…\}\) or threadScenario\('…', \{…\}\), got no default export/,
    ],
    [
      'two.ts',
      "import tally from '../../test/fixtures/scenarios/tally.ts'\nexport default tally\nexport const more = { ...tally }\n",
      /two\.ts: more is no default export and would not be run; a file has one scenario/,
    ],
    ['other.ts', 'export default 42\n', /other\.ts: .* got a value of type number/],
    [
      'throws.ts',
      "const limit: number = 3\n\nif (limit > 2) throw new Error('too many seats')\nexport default limit\n",
      /throws\.ts:3:\d+: too many seats/,
    ],
    [
      'incomplete.ts',
      "import { scenario } from 'raceproof'\n\nexport default scenario('seats', {} as never)\n",
      /incomplete\.ts:3:\d+: scenario 'seats': target must be a target/,
    ],
    [
      'not whole.ts',
      "import { scenario } from 'raceproof'\nexport default scenario('seats', {} as never)\n",
      /not whole\.ts:2:\d+: scenario 'seats': target must be a target/,
    ],
    [
      'import.ts',
      "import { seats } from './seats.ts'\nexport default seats\n",
      /import\.ts:1:\d+: Could not resolve "\.\/seats\.ts"/,
    ],
    [
      'package.ts',
      "import 'no-such-package-at-all'\nexport default 1\n",
      /package\.ts: Cannot find package 'no-such-package-at-all'/,
    ],
  ])('says where the malformed scenario %s is wrong', async (name, source, message) => {
    await writeFile(join(folder, name), source)
    const said = await complaint(['run', join(folder, name)])
    expect(said).toMatch(/ERR_SCENARIO_INVALID/)
    expect(said).toMatch(message)
    expect(said).toContain(join(folder, name))
  })

  it('refuses two scenarios that have one name', async () => {
    const source = "import tally from '../../test/fixtures/scenarios/tally.ts'\nexport default tally\n"
    await writeFile(join(folder, 'again.ts'), source)
    expect(await complaint(['run', 'tally', join(folder, 'again.ts')])).toMatch(
      /ERR_USAGE: tally and .*again\.ts are both named 'tally'/,
    )
  })

  it('tells every error as the one JSON document when JSON was asked for', async () => {
    const parsed = async (args: string[]) => {
      const { exitCode, stdout } = await raceproof([...args, '--json'])
      return { exitCode, ...JSON.parse(stdout) }
    }
    expect(await parsed(['run', 'tallly'])).toMatchObject({ exitCode: 3, error: { code: 'ERR_UNKNOWN_NAME' } })
    expect(await parsed(['run', '--sede', '1'])).toMatchObject({ exitCode: 3, error: { code: 'ERR_USAGE' } })
    expect(await parsed(['report', '/nowhere'])).toMatchObject({ exitCode: 3, error: { code: 'ERR_RECORD_INVALID' } })
  })

  it('leaves no folder behind when nothing was run', async () => {
    await raceproof(['run', 'tallly'], folder)
    expect(await readdir(folder)).not.toContain('reports')
  })
})
