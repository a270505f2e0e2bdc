import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { packageRoot } from '../../../../harness/entry.ts'

const project = fileURLToPath(new URL('../../../fixtures/threads-in-vitest', import.meta.url))

it('shows the data races of functions in a vitest project of its own', async () => {
  const vitest = `${packageRoot}/node_modules/vitest/vitest.mjs`
  const args = [vitest, 'run', '--root', project, '--reporter=json']
  const env = { VITEST: undefined, NODE_ENV: undefined }
  const { stdout, stderr } = await execa(process.execPath, args, { reject: false, cwd: project, env })
  const report = JSON.parse(stdout) as {
    testResults: { message: string; assertionResults: { failureMessages: string[] }[] }[]
  }
  const problems = report.testResults.flatMap(({ message, assertionResults }) => [
    message,
    ...assertionResults.flatMap(({ failureMessages }) => failureMessages),
  ])
  expect(problems.join(''), stderr).toBe('')
  expect(report.testResults.flatMap(({ assertionResults }) => assertionResults)).toHaveLength(3)
})
