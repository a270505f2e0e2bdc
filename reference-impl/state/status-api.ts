import type { Route } from './route.ts'
import type { StatusBoard } from './status-board.ts'
import type { TestRunner } from './test-runner.ts'

/** All that there is at once: what it is, and to bring it down. */
export function statusApi(board: StatusBoard, testRunner: TestRunner): Route[] {
  return [
    { method: 'GET', path: '/api/status', answer: async () => ({ status: 200, body: await board.show() }) },
    {
      method: 'POST',
      path: '/api/status/all-down',
      async answer() {
        const stopped = await board.allDown()
        if (stopped !== null) await testRunner.ended(stopped)
        return { status: 200, body: await board.show() }
      },
    },
  ]
}
