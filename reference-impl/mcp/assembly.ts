import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type { CheckpointCache } from './checkpoint-cache.ts'
import type { Components } from './components.ts'
import type { McpConfig } from './config.ts'
import type { FileGate } from './file-gate.ts'
import type { HttpAdapter } from './http-adapter.ts'
import type { IdleReaper, Reapable } from './idle-reaper.ts'
import type { IndexCache } from './index-cache.ts'
import { library } from './library.ts'
import type { MetadataFile } from './metadata-file.ts'
import type { OpenCalls } from './open-calls.ts'
import { ProcessTable } from './process-table.ts'
import type { ResultCache } from './result-cache.ts'
import type { SessionCache } from './session-cache.ts'
import type { SessionCap } from './session-cap.ts'
import type { StateManager } from './state-manager.ts'
import type { StdioAdapter } from './stdio-adapter.ts'
import { ToolBox } from './tool-box.ts'
import { toolsOf } from './tools.ts'
import { Usage } from './usage.ts'
import type { CacheName, WorkflowEngine } from './workflow-engine.ts'

/** What is kept on disk. */
interface Disk {
  state: StateManager
  metadata: MetadataFile
}

interface Caches {
  sessions: SessionCache
  checkpoints: CheckpointCache
  rag: ResultCache
  'rag-index': IndexCache
}

/** What the parts of a process share beside the services. */
export interface Surroundings {
  config: McpConfig
  /** Where state and metadata are. */
  stateDir: string
  calls: OpenCalls
  /** Where sub-agents call back; null while HTTP is not served. */
  callbackUrl: () => string | null
}

/** Puts a server together from its components. Both transports get the same engine. */
export class Assembly {
  protected readonly components: Components
  protected readonly surroundings: Surroundings
  readonly #processes = new ProcessTable()
  readonly #reapables: Reapable[] = []
  #engine: WorkflowEngine | null = null

  constructor(components: Components, surroundings: Surroundings) {
    this.components = components
    this.surroundings = surroundings
  }

  /** Makes what must be on disk before anything is served. */
  async prepare(): Promise<void> {
    const { state, metadata } = this.#makeDisk()
    await state.open()
    await metadata.seed(join(library, 'metadata.json'))
  }

  httpAdapter(): HttpAdapter {
    const { config, calls } = this.surroundings
    const limits = { clients: config.clients, idleMs: config.clientIdleMs }
    const adapter = new this.components.HttpAdapter({
      toolBox: this.#makeToolBox(),
      limits,
      calls,
      usage: this.#makeUsage(),
    })
    this.#reapables.push(adapter)
    return adapter
  }

  stdioAdapter(stdin: Readable, stdout: Writable): StdioAdapter {
    return new this.components.StdioAdapter(this.#makeToolBox(), stdin, stdout)
  }

  /** Releases what is idle in everything that was made so far. */
  reaper(): IdleReaper {
    return new this.components.IdleReaper(this.#reapables)
  }

  /** The one engine of the process: whoever asks gets the same. */
  protected engine(): WorkflowEngine {
    this.#engine ??= this.makeEngine()
    return this.#engine
  }

  protected makeEngine(): WorkflowEngine {
    const { CacheMetrics, CheckpointLoader, DocumentSet, RAGEngine, SessionCap, WorkflowEngine, WorkflowSession } =
      this.components
    const { sessionsPerClient, sessions, sessionIdleMs } = this.surroundings.config
    const cap = new SessionCap({ perClient: sessionsPerClient, total: sessions })
    const caches = this.#makeCaches(cap)
    const disk = this.#makeDisk()
    const checkpoints = new CheckpointLoader(join(library, 'checkpoints'), caches.checkpoints)
    const documents = new DocumentSet(join(library, 'documents.md'))
    const engine = new WorkflowEngine({
      ...disk,
      sessions: caches.sessions,
      makeSession: (origin) => new WorkflowSession(origin, { ...disk, checkpoints }),
      checkpoints,
      rag: new RAGEngine(documents, caches.rag, caches['rag-index']),
      cap,
      usage: this.#makeUsage(),
      metrics: new CacheMetrics<CacheName>({ ...caches }),
      sessionIdleMs,
    })
    this.#reapables.push(engine)
    return engine
  }

  /** The tools for one transport. */
  #makeToolBox(): ToolBox {
    const { calls, callbackUrl } = this.surroundings
    const engine = this.engine()
    return new ToolBox(toolsOf(engine, new this.components.SubAgentRunner(engine, callbackUrl)), calls)
  }

  #makeCaches(cap: SessionCap): Caches {
    const { CheckpointCache, IndexCache, ResultCache, SessionCache } = this.components
    const { resultTtlMs } = this.surroundings.config
    return {
      sessions: new SessionCache(({ createdBy }) => cap.release(createdBy)),
      checkpoints: new CheckpointCache(),
      rag: new ResultCache(resultTtlMs),
      'rag-index': new IndexCache(10 * resultTtlMs),
    }
  }

  #makeDisk(): Disk {
    const { StateManager, MetadataFile } = this.components
    return {
      state: new StateManager(join(this.surroundings.stateDir, 'sessions'), this.#makeGate('state')),
      metadata: new MetadataFile(join(this.surroundings.stateDir, 'metadata.json'), this.#makeGate('metadata')),
    }
  }

  #makeGate(name: string): FileGate {
    const { FileGate, LockFile } = this.components
    const { lockTimeoutMs: timeoutMs } = this.surroundings.config
    const lockFileOf = (path: string) =>
      new LockFile({ path: `${path}.lock`, name: `${name}-file`, processes: this.#processes, timeoutMs })
    return new FileGate(name, lockFileOf)
  }

  #makeUsage(): Usage {
    return new Usage(() => performance.now())
  }
}
