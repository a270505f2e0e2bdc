import { components } from '../components.ts'
import type { SharedStateParts } from '../shared-state.ts'
import { stateDefects } from './state-defects.ts'

/** The name of what made one of the parts other than usual; null when all are the usual ones. */
export function madeBy(parts: object): string | null {
  const names = Object.values(parts).map((part: { madeBy?: string }) => part.madeBy)
  return names.find((name) => name !== undefined) ?? null
}

/** The same parts in a worker thread: what was made under that name, made anew. */
export function threadParts(name: string): SharedStateParts {
  const made = stateDefects.find((defect) => defect.name === name)
  const entries = Object.entries(components).map(([key, part]) => [
    key,
    made !== undefined && made.part === part ? made.override(made.part) : part,
  ])
  return Object.fromEntries(entries) as SharedStateParts
}
