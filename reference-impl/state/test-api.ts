import { z } from 'zod'
import type { Route } from './route.ts'
import type { TestRunner } from './test-runner.ts'

const text = z.string().min(1).max(256)
const testRequest = z.strictObject({ script: text, bin: text.default('default'), topology: text.default('default') })

/** The one test that may run: start, stop and status. */
export function testApi(tests: TestRunner): Route[] {
  return [
    {
      method: 'POST',
      path: '/api/test/start',
      answer: async (request) => ({ status: 201, body: await tests.start(await request.body(testRequest)) }),
    },
    { method: 'POST', path: '/api/test/stop', answer: async () => ({ status: 200, body: await tests.stop() }) },
    { method: 'GET', path: '/api/test/status', answer: async () => ({ status: 200, body: await tests.status() }) },
  ]
}
