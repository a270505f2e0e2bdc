import { HarnessError, messageOf } from '../errors.ts'
import type { TaskNews } from './task-process.ts'

/**
 * The inside of a `TaskProcess`: does the tasks that it is sent, and ends with who sends them. `alive` is to be called again and
 * again while a task goes on.
 */
export function performTasks<Task, Answer>(perform: (task: Task, alive: () => void) => Promise<Answer>): void {
  const tell = (news: TaskNews<Answer>) => void process.send?.(news)
  process.on('message', (task: Task) => {
    perform(task, () => tell({ type: 'alive' })).then(
      (answer) => tell({ type: 'answer', answer, heapMiB: process.memoryUsage().heapUsed / 2 ** 20 }),
      (thrown: unknown) => tell({ type: 'failed', code: codeOf(thrown), message: messageOf(thrown) }),
    )
  })
  process.once('disconnect', () => process.exit())
}

function codeOf(thrown: unknown): HarnessError['code'] {
  return thrown instanceof HarnessError ? thrown.code : 'ERR_INTERNAL'
}
