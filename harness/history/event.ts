/**
 * What a run records, in order of time: every line of `history.jsonl` is one of these. Everything a
 * check needs is here, so that a saved run can be judged again without its world.
 *
 * `timeMs` counts from the start of the run, in milliseconds with three decimals, on one monotonic
 * clock for the harness and the target.
 */
export type HistoryEvent =
  | InvokeEvent
  | CompletionEvent
  | ObserveEvent
  | ProbeEvent
  | FaultEvent
  | PhaseEvent
  | StepEvent
  | AuditEvent
  | TargetEvent

/** All events of a run, in order of time. */
export type History = readonly HistoryEvent[]

/** A client begins a call. */
export interface InvokeEvent {
  type: 'invoke'
  timeMs: number
  client: string
  /** Numbers the calls of a run; the completion carries the same number. */
  call: number
  f: string
  input: unknown
}

/** A call ends: `ok`, `fail` (certainly without effect) or `info` (nobody knows). */
export interface CompletionEvent {
  type: 'ok' | 'fail' | 'info'
  timeMs: number
  client: string
  call: number
  f: string
  /** What the target answered, of a call that is `ok`. */
  output?: unknown
  /** Why the call is not `ok`. */
  error?: string
  /** The status that the target answered, where the protocol has one (HTTP status, JSON-RPC error code). */
  status?: number
  /** The call was still open when the settle phase ended, and the harness gave it up. */
  abandoned?: true
}

/** What a subscriber sees between calls. */
export type ObserveEvent = SubscribeObservation | DeliveryObservation | GapObservation | EndObservation

/** A subscriber starts to listen to a stream. One client may subscribe many times; each is a subscriber of its own. */
export interface SubscribeObservation {
  type: 'observe'
  f: 'subscribe'
  timeMs: number
  client: string
  subscriber: string
  stream: string
  /** The last event id the subscriber already has; delivery must start right after it. */
  after: number
  via: string
}

/** A subscriber receives one event of its stream. */
export interface DeliveryObservation {
  type: 'observe'
  f: 'event'
  timeMs: number
  client: string
  subscriber: string
  stream: string
  id: number
  kind: string
  data: unknown
}

/** The server announces that events `from` to `to` are no longer available. */
export interface GapObservation {
  type: 'observe'
  f: 'gap'
  timeMs: number
  client: string
  subscriber: string
  stream: string
  from: number
  to: number
}

/** A subscription is over. */
export interface EndObservation {
  type: 'observe'
  f: 'end'
  timeMs: number
  client: string
  subscriber: string
  stream: string
  /**
   * `complete`: the terminal event came. `dropped`: the client or a fault cut it on purpose. `refused`: the target
   * never let it in. `disconnected`: the target ended it and said why (a slow reader). `lost`: the connection ended
   * without a word although nobody asked for that.
   */
  reason: 'complete' | 'dropped' | 'refused' | 'disconnected' | 'lost'
  detail?: string
}

/** What the target published through `raceproof/probe`. */
export interface ProbeEvent {
  type: 'probe'
  timeMs: number
  /** Which process (and thread) of the target published it. */
  process: string
  topic: 'lock' | 'cache' | 'resource' | 'transition' | 'error'
  value: Record<string, unknown>
}

/** A fault begins or is healed. */
export interface FaultEvent {
  type: 'fault'
  timeMs: number
  fault: string
  action: 'start' | 'heal'
  /** What it hit: a client, `all`, or `target`. */
  scope: string
}

/** The phases of a run, in this order; a run has several rounds of storm, heal and settle. */
export type Phase = 'boot' | 'storm' | 'heal' | 'settle' | 'audit' | 'stop'

export interface PhaseEvent {
  type: 'phase'
  timeMs: number
  phase: Phase
  round: number
  /** Of the boot: the run's time is virtual and its order was chosen, so that no duration says how fast anything is. */
  virtual?: true
}

/** A named part of a scenario's script, so that a check can look at one part alone. */
export interface StepEvent {
  type: 'step'
  timeMs: number
  name: string
  action: 'begin' | 'end'
  round: number
}

/** What is open in the target, counted when it is at rest. */
export interface AuditEvent {
  type: 'audit'
  timeMs: number
  /** 0 before the first storm (the baseline), then the number of the round that has just settled. */
  round: number
  /** Counts by kind, such as `descriptors`, `childProcesses`, `timers`, `sockets`, `workers`, `heapMiB`. */
  counts: Record<string, number>
  /** What could not be seen, and why. */
  blind: string[]
  /** Names of single things left open, as far as they are known (`process 4711 node emit.js`). */
  items: string[]
  /** What the descriptors are open on, and how many of them (`/srv/app.db`: 3), where that can be seen. */
  descriptors?: Record<string, number>
  /** The world knows all that is open, so that every kind must be back at the baseline. */
  exact?: true
}

/** The life of the target's processes. */
export interface TargetEvent {
  type: 'target'
  timeMs: number
  event: 'spawned' | 'ready' | 'exited' | 'stopping' | 'output'
  process: string
  detail: string
  /** The exit was asked for by the harness (or by a kill fault). */
  expected?: boolean
}
