import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { builtFile } from '../../../reference-impl/sync/built-file.ts'

/**
 * Runs a piece of JavaScript in a worker thread of its own and resolves with what it returns. It sees `data`, `post`
 * (a message to the caller) and `load` (imports a built module by its name).
 */
export function inWorker<T>(code: string, data: unknown, onMessage: (message: unknown) => void = () => {}): Promise<T> {
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
     const post = (message) => parentPort.postMessage({ message })
     const load = (name) => import(workerData.modules[name])
     const run = async (data) => { ${code} }
     run(workerData.data).then((result) => parentPort.postMessage({ result }))`,
    { eval: true, execArgv: [], workerData: { data, modules } },
  )
  return new Promise((resolve, reject) => {
    worker.on('message', (said: { message?: unknown; result?: T }) => {
      if ('result' in said) once(worker, 'exit').then(() => resolve(said.result as T))
      else onMessage(said.message)
    })
    worker.once('error', reject)
  })
}

const modules = Object.fromEntries(
  [
    'sync/reentrant-lock',
    'sync/shared-semaphore',
    'state/thread-safe-dict',
    'state/service-status-manager',
    'state/test-execution-manager',
  ].map((name) => [name, pathToFileURL(builtFile(`reference-impl/${name}`)).href]),
)
