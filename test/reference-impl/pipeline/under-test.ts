import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { errors, resources } from 'raceproof/probe'
import { expect, onTestFinished } from 'vitest'
import { entry } from '../../../harness/entry.ts'
import type { PipelineConfig } from '../../../reference-impl/pipeline/config.ts'
import {
  type PipelineParts,
  pipelineParts,
  type RunningServer,
  startPipeline,
} from '../../../reference-impl/pipeline/server.ts'
import { Contract } from './contract.ts'

export interface Answer {
  status: number
  headers: Headers
  body: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely; the contract checks their shape
  json: any
}

export interface StartOptions {
  config?: Partial<PipelineConfig>
  parts?: Partial<PipelineParts>
  dataDir?: string
  /** Set it when the test makes the server meet errors. */
  errorsExpected?: boolean
}

export const contract = new Contract()

/** A server for one test. When the test ends it is stopped; then nothing may be open, and no error may have happened. */
export class UnderTest {
  readonly #server: RunningServer
  readonly errors: string[] = []
  readonly #open = new Map<string, number>()

  static async start({ config, parts, dataDir, errorsExpected = false }: StartOptions = {}): Promise<UnderTest> {
    const tested = new UnderTest(
      await startPipeline({ ...pipelineParts, ...parts, ...quiet } as PipelineParts, {
        // Plans that never end are ended by the tests' end; nothing is gained by giving them time.
        config: { stopGraceMs: 20, ...config },
        dataDir,
      }),
    )
    const onResource = tested.#onResource.bind(tested)
    const onError = (message: unknown) => tested.errors.push((message as { message: string }).message)
    resources.subscribe(onResource)
    errors.subscribe(onError)
    onTestFinished(async () => {
      await tested.stop()
      resources.unsubscribe(onResource)
      errors.unsubscribe(onError)
      expect([...tested.#open.keys()]).toEqual([])
      if (!errorsExpected) expect(tested.errors).toEqual([])
    })
    return tested
  }

  constructor(server: RunningServer) {
    this.#server = server
  }

  get url(): string {
    return this.#server.url
  }

  stop(): Promise<void> {
    return this.#server.stop()
  }

  /** The ids of the open resources of a kind. */
  open(resource: string): string[] {
    return [...this.#open.keys()]
      .filter((key) => key.startsWith(`${resource} `))
      .map((key) => key.split(' ')[1] as string)
  }

  /** Sends a request, and holds the answer to the contract. */
  async request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers,
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    })
    const text = await response.text()
    contract.check(method, path.split('?')[0] as string, response.status, response.headers, text)
    const isJson = response.headers.get('content-type') === 'application/json'
    return { status: response.status, headers: response.headers, body: text, json: isJson ? JSON.parse(text) : null }
  }

  async create(body: Record<string, unknown>): Promise<string> {
    const { status, json } = await this.request('POST', '/api/plans', body)
    expect(status).toBe(201)
    return json.id
  }

  /** A figure of /metrics; 0 when it is not there. */
  async metric(nameAndLabels: string): Promise<number> {
    const { body } = await this.request('GET', '/metrics')
    const line = body.split('\n').find((one) => one.startsWith(`${nameAndLabels} `))
    return line === undefined ? 0 : Number(line.split(' ').at(-1))
  }

  #onResource(message: unknown): void {
    const { event, resource, id } = message as { event: 'open' | 'close'; resource: string; id: string }
    const key = `${resource} ${id}`
    const count = (this.#open.get(key) ?? 0) + (event === 'open' ? 1 : -1)
    if (count < 0) throw new Error(`${key} was closed more often than it was opened`)
    if (count === 0) this.#open.delete(key)
    else this.#open.set(key, count)
  }
}

// The log of errors belongs on a server's stderr, not between the lines of the test report.
const quiet = {
  ErrorReporter: class extends pipelineParts.ErrorReporter {
    constructor() {
      super(() => {})
    }
  },
}

/** Starts the server as a program of its own; it is killed when the test ends. */
export async function startMain(...args: string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [entry('reference-impl/pipeline/main'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = await once(child.stdout, 'data')
  return { child, url: JSON.parse(String(line)).url }
}

/** Waits until something holds, looking again after every few turns of the event loop. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
