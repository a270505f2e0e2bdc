import { anything, type Call, model } from 'raceproof'
import type { ServiceStatus } from './service-status-manager.ts'

type Statuses = Readonly<Record<string, ServiceStatus>>

interface Services {
  update(statuses: Statuses): void
  toggle(names: readonly string[]): Statuses
  list(): Statuses
}

/** The services as their clients see them: one object, of which every operation sees and changes all that it names at once. */
export const serviceModel = model<Services, Statuses>({
  name: 'services',
  init: {},
  readOnly: ({ f }) => f === 'list',
  apply: {
    update: (now, statuses) => [anything, { ...now, ...statuses }],
    toggle(now, names) {
      const turned = Object.fromEntries(names.map((name) => [name, now[name] !== true]))
      return [turned, { ...now, ...turned }]
    },
    list: (now) => [now, now],
  },
})

/** What the calls of a client mean to the {@link serviceModel}. */
export function asServices({ f, input, outcome }: Call): { f: string; input: unknown; output?: unknown } | null {
  const answer = outcome.type === 'ok' ? { output: (outcome.output as { services: Statuses }).services } : {}
  if (f === 'updateServices') {
    const { marker: _, ...statuses } = input as Record<string, ServiceStatus>
    return { f: 'update', input: statuses, ...answer }
  }
  if (f === 'toggleServices') return { f: 'toggle', input: (input as { services: string[] }).services, ...answer }
  return f === 'services' ? { f: 'list', input: null, ...answer } : null
}
