import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { entry } from '../../entry.ts'
import { HarnessError, messageOf } from '../../errors.ts'
import type { TellingNews, TellingTask, Told } from './exploration-task.ts'

/** Makes a failure small and tells it, on a thread of its own. Null when the signal ends it first. */
export function tellSchedule(task: TellingTask, signal: AbortSignal): Promise<Told | null> {
  if (signal.aborted) return Promise.resolve(null)
  const worker = new Worker(entry('harness/run/sim/telling-worker'), {
    workerData: task,
    execArgv: ['--import', pathToFileURL(entry('harness/register')).href],
    // What the target writes is no part of the harness' own output.
    stdout: true,
    stderr: true,
  })
  worker.stdout.resume()
  worker.stderr.resume()
  return new Promise<Told | null>((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(null), { once: true })
    worker.once('message', (news: TellingNews) => {
      if (news.type === 'told') resolve(news.told)
      else reject(new HarnessError(news.code, news.message))
    })
    worker.once('error', (error) => reject(died(messageOf(error))))
    worker.once('exit', (code) => reject(died(`it ended with code ${code}`)))
  }).finally(() => worker.terminate())
}

function died(how: string): HarnessError {
  return new HarnessError('ERR_INTERNAL', `the thread that was to tell of a schedule died: ${how}`)
}
