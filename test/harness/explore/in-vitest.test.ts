import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../../harness/entry.ts'

const project = fileURLToPath(new URL('../../fixtures/explore-in-vitest', import.meta.url))

interface Report {
  success: boolean
  testResults: { assertionResults: { title: string; status: string; failureMessages: string[] }[] }[]
}

/** Runs the tests of the project in a process of its own, as its user would. */
async function run(config: string): Promise<{ failures: Record<string, string>; titles: string[]; stderr: string }> {
  const vitest = `${packageRoot}/node_modules/vitest/vitest.mjs`
  const { stdout, stderr } = await execa(
    process.execPath,
    [vitest, 'run', '--root', project, '--config', config, '--reporter=json'],
    { reject: false, cwd: project, env: { VITEST: undefined, NODE_ENV: undefined } },
  )
  const { testResults } = JSON.parse(stdout) as Report
  const results = testResults.flatMap(({ assertionResults }) => assertionResults)
  const failed = results.filter(({ status }) => status !== 'passed')
  return {
    failures: Object.fromEntries(failed.map(({ title, failureMessages }) => [title, failureMessages.join('\n')])),
    titles: results.map(({ title }) => title),
    stderr,
  }
}

describe('explore in a vitest project of its own', () => {
  it('fails the tests that find something, with the failure told and its replay, and no others', async () => {
    const { failures, titles, stderr } = await run('vitest.config.ts')
    expect(titles).toHaveLength(10)
    expect(Object.keys(failures)).toEqual([
      'fails on the careless server',
      'fails on the careless server again when it is replayed',
    ])
    const [found, replayed] = Object.values(failures)
    expect(found).toMatch(/two customers fails in schedule \d+ of 200/)
    expect(found).toMatch(/replay {2}explore\(fn, \{ replay: '\d+/)
    expect(replayed).toContain('the replay fails')
    // The runner complains there of errors that reached it.
    expect(stderr).not.toMatch(/unhandled|uncaught/i)
  })

  it('works behind the harness too, and without set-up says which line is missing', async () => {
    const { failures, titles } = await run('vitest.unregistered.config.ts')
    expect(failures).toEqual({})
    expect(titles).toHaveLength(2)
  })
})
