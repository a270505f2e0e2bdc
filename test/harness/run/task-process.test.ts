import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { entry } from '../../../harness/entry.ts'
import { TaskProcess, type TaskProcessOptions } from '../../../harness/run/task-process.ts'

function taskProcess(options: Partial<TaskProcessOptions> = {}) {
  const worker = fileURLToPath(new URL('../../fixtures/task-worker.mjs', import.meta.url))
  const tasks = new TaskProcess<{ name: string }, unknown>({ worker, register: entry('harness/register'), ...options })
  onTestFinished(() => tasks.end())
  return tasks
}

function isAlive(pid: unknown): boolean {
  try {
    return process.kill(pid as number, 0)
  } catch {
    return false
  }
}

it('does one task after the other in one process, which is not this one', async () => {
  const tasks = taskProcess()
  const pid = await tasks.perform({ name: 'pid' })
  expect(pid).not.toBe(process.pid)
  expect(await tasks.perform({ name: 'pid' })).toBe(pid)
})

it('tells what a task has thrown, with its code', async () => {
  const tasks = taskProcess()
  await expect(tasks.perform({ name: 'throw' })).rejects.toMatchObject({ code: 'ERR_INTERNAL', message: 'no luck' })
  await expect(tasks.perform({ name: 'refuse' })).rejects.toMatchObject({ code: 'ERR_UNKNOWN_NAME' })
})

it('is lost with a task that takes it down, and the next task has a new one', async () => {
  const tasks = taskProcess()
  const pid = await tasks.perform({ name: 'pid' })
  await expect(tasks.perform({ name: 'die' })).rejects.toMatchObject({ how: 'died', message: /ended with 7/ })
  expect(await tasks.perform({ name: 'pid' })).not.toBe(pid)
})

it('may die between two tasks, and the next one has a new one', async () => {
  const tasks = taskProcess()
  const pid = await tasks.perform({ name: 'dieLater' })
  await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false)
  expect(await tasks.perform({ name: 'pid' })).not.toBe(pid)
})

it('is ended when nothing is heard of its task for too long', async () => {
  const tasks = taskProcess({ stuckMs: 5_000 })
  const pid = await tasks.perform({ name: 'pid' })
  await expect(tasks.perform({ name: 'hang' })).rejects.toMatchObject({ how: 'stuck', message: /for 5 s/ })
  await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false)
})

it('may work for longer than that on a task of which it says that it goes on', async () => {
  const tasks = taskProcess({ stuckMs: 5_000 })
  expect(await tasks.perform({ name: 'takeLong' })).toBe('done')
})

it('is ended after a task that leaves it a large heap', async () => {
  const tasks = taskProcess({ heapMiBMax: 0 })
  const pid = await tasks.perform({ name: 'pid' })
  await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false)
  expect(await tasks.perform({ name: 'pid' })).not.toBe(pid)
})

it('rejects the task that goes on when it is ended', async () => {
  const tasks = taskProcess()
  await tasks.perform({ name: 'pid' })
  const circling = tasks.perform({ name: 'circle' })
  tasks.end()
  await expect(circling).rejects.toMatchObject({ how: 'died', message: /SIGKILL/ })
})
