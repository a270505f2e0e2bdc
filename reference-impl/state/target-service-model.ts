import { anything, type Call, model } from 'raceproof'
import type { ServiceStatus } from './service-status-manager.ts'

type Statuses = Readonly<Record<string, ServiceStatus>>

interface Services {
  update(statuses: Statuses): void
  toggle(names: readonly string[]): Statuses
  list(): Statuses
  /** Who asks for a service that nobody knows is refused. */
  get(name: string): ServiceStatus | null
}

interface Answers {
  services: Statuses
  status: ServiceStatus
}

/** The services as their clients see them: one object, of which every operation sees and changes all that it names at once. */
export const serviceModel = model<Services, Statuses>({
  name: 'services',
  init: {},
  readOnly: ({ f }) => f === 'list' || f === 'get',
  apply: {
    update: (now, statuses) => [anything, { ...now, ...statuses }],
    toggle(now, names) {
      const turned = Object.fromEntries(names.map((name) => [name, now[name] !== true]))
      return [turned, { ...now, ...turned }]
    },
    list: (now) => [now, now],
    get: (now, name) => [now[name] ?? null, now],
  },
})

/** What the calls of a client mean to the {@link serviceModel}. */
export function asServices({ f, input, outcome }: Call): { f: string; input: unknown; output?: unknown } | null {
  const output = outcome.type === 'ok' ? (outcome.output as Answers) : null
  // An answer that says nothing of the service would have had to be a refusal.
  const answer = output === null ? {} : { output: f === 'service' ? (output.status ?? 'nothing') : output.services }
  if (f === 'updateServices') {
    const { marker: _, ...statuses } = input as Record<string, ServiceStatus>
    return { f: 'update', input: statuses, ...answer }
  }
  if (f === 'toggleServices') return { f: 'toggle', input: (input as { services: string[] }).services, ...answer }
  if (f === 'service') return { f: 'get', input: (input as { name: string }).name, ...answer }
  return f === 'services' ? { f: 'list', input: null, ...answer } : null
}
