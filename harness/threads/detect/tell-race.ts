import type { Operation } from '../operation.ts'
import type { ToldStep } from '../told.ts'
import type { ThreadFinding } from './finding.ts'
import type { Race } from './races.ts'

/** A race as a finding, with the places of both accesses where the steps are told. */
export function tellRace(
  { kind, first, second }: Race,
  operations: readonly Operation[],
  steps: readonly ToldStep[],
): ThreadFinding {
  const [one, other] = [first, second].map((number) => told(operations[number]!, steps[number]?.place ?? null))
  if (kind === 'data-race') {
    return { kind, message: `data race: nothing puts ${one} and ${other} in an order; use Atomics for both, or a lock` }
  }
  return { kind, message: `unlike widths: ${one} and ${other} overlap, so that neither is atomic; use one width` }
}

const words: Partial<Record<Operation['kind'], string>> = {
  read: 'plain read',
  write: 'plain write',
  update: 'atomic update',
}

function told({ kind, thread, accesses }: Operation, place: string | null): string {
  const { from, to } = accesses.find((access) => access.from >= 0)!
  const at = place === null ? '' : ` at ${place.slice(place.lastIndexOf('/') + 1)}`
  return `the ${words[kind] ?? `atomic ${kind}`} of bytes ${from} to ${to - 1} by thread ${thread}${at}`
}
