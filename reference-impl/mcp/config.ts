/** Which ways in the server has. */
export const transports = ['stdio', 'http', 'both'] as const
export type Transports = (typeof transports)[number]

/** What can be set of a server. */
export interface McpConfig {
  transports: Transports
  /** Workflow sessions in memory that one client may have created. */
  sessionsPerClient: number
  /** Workflow sessions in memory altogether. */
  sessions: number
  /** MCP clients over HTTP at a time. */
  clients: number
  /** How long a client may be silent before its MCP session is ended, in milliseconds. */
  clientIdleMs: number
  /** How long a workflow session may stay in memory unused, in milliseconds. */
  sessionIdleMs: number
  /** How long search results are kept, in milliseconds. */
  resultTtlMs: number
  /** How long a change waits for another process to let go of its file before it is refused, in milliseconds. */
  lockTimeoutMs: number
  /** How often idle things are looked for, in milliseconds. */
  reapEveryMs: number
  /** How long a shutdown waits for open calls, in milliseconds. */
  drainMs: number
}

export const defaultConfig: McpConfig = {
  transports: 'both',
  sessionsPerClient: 200,
  sessions: 5_000,
  clients: 1_000,
  clientIdleMs: 60_000,
  sessionIdleMs: 300_000,
  resultTtlMs: 10_000,
  lockTimeoutMs: 10_000,
  reapEveryMs: 1_000,
  drainMs: 5_000,
}
