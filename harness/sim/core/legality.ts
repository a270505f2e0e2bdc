import type { SimEvent } from './event.ts'
import type { Lane } from './lane.ts'
import type { SimNode } from './node.ts'

/**
 * Which of the events that are ready can a Node process run next? libuv turns in a circle,
 *
 *     timers → poll → check (immediates) → close callbacks → timers → …
 *
 * and works each phase off as a batch: what is queued while a batch runs waits for the next turn. A phase that has
 * nothing to do is passed in no time, so the rules below ask only what lies *between* the phase of the last callback
 * and the phase of the event. The rules bind the events of one process; processes are free of each other.
 */
export function isLegal(event: SimEvent): boolean {
  const { node, kind } = event.lane
  if (inBatch(node.immediates, node.checkLimit, node.phase === 'check')) {
    return kind === 'immediate'
  }
  if (inBatch(node.closings, node.closeLimit, node.phase === 'close')) return kind === 'close'
  if (node.wakeUps.length > 0 && !wakeUpsAllow(event, node)) return false
  if (continuesWakeUps(event.lane, node)) return true
  return ruleOf[kind](event, node)
}

/**
 * A quick answer for what comes to a process from outside, of which there is most: events that were queued before this one may
 * come next. Of the others it says nothing.
 */
export function arrivalLimitOf(node: SimNode): number {
  if (node.wakeUps.length > 0) return 0
  if (inBatch(node.immediates, node.checkLimit, node.phase === 'check')) return 0
  if (inBatch(node.closings, node.closeLimit, node.phase === 'close')) return 0
  if (node.phase === 'poll') return pollMayTurn(node) ? Number.POSITIVE_INFINITY : node.pollLimit
  if (node.phase === 'check' && !node.closings.isEmpty) return 0
  return node.hasDueTimer() ? 0 : Number.POSITIVE_INFINITY
}

/** Moves the event's process into the event's phase. `nextSequence` is the number that the next queued event gets. */
export function enterPhase(event: SimEvent, nextSequence: number): void {
  const { node, kind } = event.lane
  switch (kind) {
    case 'timer':
      node.runningList = event.lane
      node.phase = 'timers'
      return
    case 'immediate':
      if (node.phase !== 'check' || event.sequence >= node.checkLimit) node.checkLimit = nextSequence
      node.phase = 'check'
      return
    case 'close':
      if (node.phase !== 'close' || event.sequence >= node.closeLimit) node.closeLimit = nextSequence
      node.phase = 'close'
      return
    case 'poll':
      if (!continuesWakeUps(event.lane, node) && (!inPollBatch(event, node) || pollMayTurn(node)))
        node.pollLimit = nextSequence
      node.wakeUpPlace = event.lane.wakeUp
      node.phase = 'poll'
  }
}

const ruleOf: Record<Lane['kind'], (event: SimEvent, node: SimNode) => boolean> = {
  timer: timerMay,
  poll: pollMay,
  immediate: immediateMay,
  close: closeMay,
}

function timerMay(event: SimEvent, node: SimNode): boolean {
  // From poll, the circle passes check and close first; from check, close.
  if (node.phase === 'poll' && !(node.immediates.isEmpty && node.closings.isEmpty)) return false
  if (node.phase === 'check' && !node.closings.isEmpty) return false
  // A list that was begun runs all its overdue timers; then comes the list whose first timer is due first. Timers of
  // different durations are not ordered by their due times otherwise: the loop may be late.
  const running = node.phase === 'timers' ? node.runningList?.head : undefined
  if (running !== undefined && running.readyMs <= node.clockMs) return event === running
  for (const list of node.timerLists.values()) {
    if (list.activeIndex >= 0 && (list.head as SimEvent).readyMs < event.readyMs) return false
  }
  return true
}

function pollMay(event: SimEvent, node: SimNode): boolean {
  // What was queued before the batch began may be part of it, whatever the batch's callbacks have done since.
  if (inPollBatch(event, node)) return true
  if (node.phase === 'poll') return pollMayTurn(node)
  if (node.phase === 'check' && !node.closings.isEmpty) return false
  return !node.hasDueTimer()
}

function immediateMay(_event: SimEvent, node: SimNode): boolean {
  if (node.phase === 'poll') return true
  // An immediate that was made in the check phase waits for the next turn, which ends this one first.
  if (node.phase === 'check' && !node.closings.isEmpty) return false
  return !node.hasDueTimer()
}

function closeMay(_event: SimEvent, node: SimNode): boolean {
  if (node.phase === 'check') return true
  if (!node.immediates.isEmpty) return false
  return node.phase === 'poll' || !node.hasDueTimer()
}

/**
 * What a process sends to itself (messages between its ports, wake-ups of its waiters) is there when the next poll phase
 * begins, and that phase does not end without it. All of it is worked off in one go, port by port in the order in which they
 * were made; what is sent on the way to a port that is still to come is part of it.
 */
function wakeUpsAllow(event: SimEvent, node: SimNode): boolean {
  const isOnTheWay = node.phase === 'poll' && node.wakeUpPlace >= 0
  const next = nextWakeUp(node, isOnTheWay ? node.wakeUpPlace : 0)
  if (next === undefined) return true
  const { wakeUp, kind } = event.lane
  // What other processes have sent may be there or not.
  if (wakeUp >= 0) return event === next || wakeUp < next.lane.wakeUp
  if (isOnTheWay) return false
  if (node.phase === 'poll') return next.sequence >= node.pollLimit || inPollBatch(event, node)
  return kind === 'timer' || kind === 'poll' || (kind === 'close' && node.phase === 'check')
}

/** The first thing from a place on that the process has sent to itself. */
function nextWakeUp({ wakeUps }: SimNode, from: number): SimEvent | undefined {
  for (let place = from; place < wakeUps.length; place++) {
    const lane = wakeUps[place] as Lane
    const head = lane.activeIndex < 0 ? undefined : lane.head
    if (head !== undefined && head.deadlineMs === head.readyMs) return head
  }
  return undefined
}

function continuesWakeUps(lane: Lane, node: SimNode): boolean {
  return node.phase === 'poll' && node.wakeUpPlace >= 0 && lane.wakeUp >= node.wakeUpPlace
}

function inPollBatch(event: SimEvent, node: SimNode): boolean {
  return node.phase === 'poll' && event.sequence < node.pollLimit
}

/** Whether the loop could have gone a whole turn, from the poll phase to the next one, without running anything. */
function pollMayTurn(node: SimNode): boolean {
  return node.immediates.isEmpty && node.closings.isEmpty && !node.hasDueTimer()
}

function inBatch(lane: Lane, limit: number, inPhase: boolean): boolean {
  if (!inPhase) return false
  const { head } = lane
  return head !== undefined && head.sequence < limit
}
