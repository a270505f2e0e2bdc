import { z } from 'zod'
import type { ActivityLog } from './activity-log.ts'
import { Refusal } from './refusal.ts'
import { checked, type Route } from './route.ts'
import type { ServiceRegistry } from './service-registry.ts'

const name = z.string().regex(/^[\w.-]{1,64}$/, 'expected 1 to 64 letters, digits, dots, dashes or underscores')
const status = z.union([z.boolean(), z.string().max(256)])
const one = z.strictObject({ status })
const many = z.record(name, status)
const toggle = z.strictObject({ services: z.array(name).min(1).max(16) })

/** The services: all, one, changes of one or of several at once, and what changed lately. */
export function servicesApi(services: ServiceRegistry, activity: ActivityLog): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/services',
      answer: async () => ({ status: 200, body: await services.list() }),
    },
    {
      method: 'PUT',
      path: '/api/services',
      async answer(request) {
        const statuses = await request.body(many)
        await services.update(statuses)
        return { status: 200, body: statuses }
      },
    },
    {
      method: 'POST',
      path: '/api/services/toggle',
      async answer(request) {
        const { services: names } = await request.body(toggle)
        return { status: 200, body: await services.toggle(names) }
      },
    },
    {
      method: 'GET',
      path: '/api/services/:id',
      async answer({ id }) {
        const status = await services.get(id)
        if (status === undefined) throw new Refusal(404, `there is no service ${id}`)
        return { status: 200, body: { name: id, status, running: status === true } }
      },
    },
    {
      method: 'PUT',
      path: '/api/services/:id',
      async answer(request) {
        const { status } = await request.body(one)
        await services.update(checked({ [request.id]: status }, many))
        return { status: 200, body: { name: request.id, status } }
      },
    },
    { method: 'GET', path: '/api/activity', answer: async () => ({ status: 200, body: await activity.show() }) },
  ]
}
