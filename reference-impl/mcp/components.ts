import { CacheMetrics } from './cache-metrics.ts'
import { CheckpointCache } from './checkpoint-cache.ts'
import { CheckpointLoader } from './checkpoint-loader.ts'
import { DocumentSet } from './document-set.ts'
import { FileGate } from './file-gate.ts'
import { HttpAdapter } from './http-adapter.ts'
import { IdleReaper } from './idle-reaper.ts'
import { IndexCache } from './index-cache.ts'
import { LockFile } from './lock-file.ts'
import { MetadataFile } from './metadata-file.ts'
import { RAGEngine } from './rag-engine.ts'
import { ResultCache } from './result-cache.ts'
import { SessionCache } from './session-cache.ts'
import { SessionCap } from './session-cap.ts'
import { StateManager } from './state-manager.ts'
import { StdioAdapter } from './stdio-adapter.ts'
import { SubAgentRunner } from './sub-agent-runner.ts'
import { WorkflowEngine } from './workflow-engine.ts'
import { WorkflowSession } from './workflow-session.ts'

/** The classes that a server is made of; a defect replaces one of them. */
export const components = {
  CacheMetrics,
  CheckpointCache,
  CheckpointLoader,
  DocumentSet,
  FileGate,
  HttpAdapter,
  IdleReaper,
  IndexCache,
  LockFile,
  MetadataFile,
  RAGEngine,
  ResultCache,
  SessionCache,
  SessionCap,
  StateManager,
  StdioAdapter,
  SubAgentRunner,
  WorkflowEngine,
  WorkflowSession,
} as const

export type Components = typeof components
