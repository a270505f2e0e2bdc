import { z } from 'zod'
import { Refusal } from './refusal.ts'
import { type ApiRequest, checked, type Reply, type Route } from './route.ts'
import type { ServiceStatus, ServiceStatusManager } from './service-status-manager.ts'

const name = z.string().regex(/^[\w.-]{1,64}$/, 'expected 1 to 64 letters, digits, dots, dashes or underscores')
const status = z.union([z.boolean(), z.string().max(256)])
const one = z.strictObject({ status })
const many = z.record(name, status)

/** The services: all, one, and changes of one or of several at once. */
export function servicesApi(services: ServiceStatusManager, maxServices: number): Route[] {
  const update = (statuses: Readonly<Record<string, ServiceStatus>>) =>
    services.run(() => {
      const added = Object.keys(statuses).filter((service) => services.getStatus(service) === undefined)
      if (added.length > 0 && services.size + added.length > maxServices) {
        throw new Refusal(429, `at most ${maxServices} services can be known`, 60)
      }
      services.updateStatus(statuses)
    })

  return [
    {
      method: 'GET',
      path: '/api/services',
      answer: async () => ({ status: 200, body: await services.run(() => services.getAllStatus()) }),
    },
    {
      method: 'PUT',
      path: '/api/services',
      async answer(request) {
        const statuses = await request.body(many)
        await update(statuses)
        return { status: 200, body: statuses }
      },
    },
    { method: 'GET', path: '/api/services/:id', answer: (request) => show(request, services) },
    {
      method: 'PUT',
      path: '/api/services/:id',
      async answer(request) {
        const { status } = await request.body(one)
        await update(checked({ [request.id]: status }, many))
        return { status: 200, body: { name: request.id, status } }
      },
    },
  ]
}

async function show({ id }: ApiRequest, services: ServiceStatusManager): Promise<Reply> {
  const status = await services.run(() => services.getStatus(id))
  if (status === undefined) throw new Refusal(404, `there is no service ${id}`)
  return { status: 200, body: { name: id, status, running: status === true } }
}
