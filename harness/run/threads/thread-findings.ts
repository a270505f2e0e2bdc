import type { Finding } from '../../check/verdict.ts'
import type { FindingKind, ThreadFinding } from '../../threads/detect/finding.ts'

/** The check whose promise each trouble of a schedule breaks; all others are errors that nobody foresaw. */
const checkOf: Partial<Record<FindingKind, string>> = {
  deadlock: 'progress',
  'lost-wake-up': 'progress',
  'too-long': 'progress',
  stuck: 'progress',
  'lock-order': 'lock-order',
  'mutual-exclusion': 'mutual-exclusion',
  'wrong-release': 'mutual-exclusion',
  starvation: 'bounds',
  'data-race': 'data-race',
  'mixed-size': 'data-race',
}

const causes: Partial<Record<FindingKind, string>> = {
  deadlock: 'A lock is not let go on every path, is taken again by its holder, or locks are taken in opposite orders.',
  'lost-wake-up': 'Whoever waits must sleep on the value that it has checked, and whoever changes that must call it.',
  stuck: 'A loop waits for something that no operation in it reads, or a call blocks that no other thread can end.',
  'too-long': 'A thread tries again and again what cannot succeed.',
  'data-race': 'Both sides must use Atomics, or hold the same lock.',
}

/** What was found in a schedule beside what the checks see in its history. */
export function findingOf({ kind, message }: ThreadFinding): Finding {
  const likelyCause = causes[kind]
  const check = checkOf[kind] ?? 'server-errors'
  return { check, message, clients: [], evidence: [], ...(likelyCause === undefined ? {} : { likelyCause }) }
}
