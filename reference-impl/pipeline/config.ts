/** Everything about the pipeline server that can be set. */
export interface PipelineConfig {
  /** How long output may keep coming after the process has exited, before its pipes are closed by force. */
  drainTimeoutMs: number
  /** How long the stream of an ended plan waits in memory for a first subscriber. */
  streamTtlMs: number
  /** Time between two heartbeats; a peer that shows no sign of life between two of them is disconnected. */
  heartbeatMs: number
  /** How long a closing connection may take to say goodbye. */
  closeTimeoutMs: number
  /** Events of a plan that are kept in memory; older ones are read back from the database. */
  replayEvents: number
  /** The same bound in bytes; whichever is reached first counts. */
  replayBytes: number
  /** Events of a plan that are kept in the database; a subscriber who asks for older ones is told of the gap. */
  retainEvents: number
  /** Events that may wait to be stored before no more output is read. */
  batchEvents: number
  /** Events that may wait in one subscriber's queue. */
  subscriberQueueEvents: number
  /** The same bound in bytes; whichever is reached first counts. */
  subscriberQueueBytes: number
  /** A subscriber that is behind must take a queue's worth of bytes in this time, or it is disconnected. */
  slowReaderMs: number
  /** Plans that may run at once. */
  maxRunningPlans: number
  /** How events are streamed. Where nothing lets a stream through, none is offered, and clients ask for events instead. */
  transports: readonly ('sse' | 'ws')[]
  /** SSE and WebSocket connections that may be open at once. */
  maxConnections: number
  /** How long running plans may go on after the server was told to stop. */
  stopGraceMs: number
  /** Database connections that may be open at once. */
  databaseConnections: number
  /** How long a statement may wait for a free database connection. */
  databaseWaitMs: number
  /** How large the embedded database may grow, in bytes; null: as large as its disk allows. */
  databaseMaxBytes: number | null
  /** A `progress` event is published after every so many lines. */
  progressEveryLines: number
  /** The longest request body, in bytes. */
  maxBodyBytes: number
  /** The longest line of output, in characters; a longer one is split. */
  maxLineLength: number
  /** What `Retry-After` says when a cap is reached, in seconds. */
  retryAfterS: number
}

export const pipelineDefaults: PipelineConfig = {
  drainTimeoutMs: 5_000,
  streamTtlMs: 60_000,
  heartbeatMs: 15_000,
  closeTimeoutMs: 2_000,
  replayEvents: 1_000,
  replayBytes: 4 * 1024 * 1024,
  retainEvents: 100_000,
  batchEvents: 500,
  subscriberQueueEvents: 1_000,
  subscriberQueueBytes: 1024 * 1024,
  slowReaderMs: 5_000,
  maxRunningPlans: 100,
  transports: ['sse', 'ws'],
  maxConnections: 1_000,
  stopGraceMs: 2_000,
  databaseConnections: 4,
  databaseWaitMs: 10_000,
  databaseMaxBytes: null,
  progressEveryLines: 10,
  maxBodyBytes: 64 * 1024,
  maxLineLength: 64 * 1024,
  retryAfterS: 1,
}
