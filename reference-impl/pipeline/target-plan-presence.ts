import { type Call, model } from 'raceproof'

interface Presence {
  create(id: string): boolean
  delete(id: string): boolean
  look(id: string): boolean
}

/** Whether a plan is there, as its clients see it: each operation succeeds or is refused by that alone. */
export const presenceModel = model<Presence, boolean>({
  name: 'plan-presence',
  init: false,
  partition: (id: string) => id,
  readOnly: ({ f }) => f === 'look',
  apply: {
    create: (isThere) => [!isThere, true],
    delete: (isThere) => [isThere, false],
    look: (isThere) => [isThere, isThere],
  },
})

const operations: Readonly<Record<string, keyof Presence>> = {
  createPlan: 'create',
  deletePlan: 'delete',
  getPlan: 'look',
}

/** It lives already, was never there, or was deleted. */
const refusals: readonly (number | undefined)[] = [409, 404, 410]

/** What the calls of a client mean to the {@link presenceModel}. */
export function asPresence({ f, input, outcome }: Call): { f: string; input: string; output?: boolean } | null {
  const name = operations[f]
  if (name === undefined) return null
  const { id } = input as { id: string }
  if (outcome.type === 'ok') return { f: name, input: id, output: true }
  const isRefused = outcome.type === 'fail' && refusals.includes(outcome.status)
  return { f: name, input: id, ...(isRefused && { output: false }) }
}
