import { z } from 'zod'
import type { DatasetCache } from './dataset-cache.ts'
import type { JobRegistry } from './job-registry.ts'
import type { Route } from './route.ts'

const id = z.string().regex(/^[\w.-]{1,64}$/, 'expected 1 to 64 letters, digits, dots, dashes or underscores')
const seed = z.int32().default(0)

/** What the two kinds of job have in common: list, one, wait for its end, and stop. */
function jobsApi(path: string, jobs: JobRegistry): Route[] {
  return [
    { method: 'GET', path, answer: async () => ({ status: 200, body: { jobs: await jobs.list() } }) },
    {
      method: 'GET',
      path: `${path}/:id`,
      answer: async (request) => ({ status: 200, body: await jobs.get(request.id) }),
    },
    {
      method: 'GET',
      path: `${path}/:id/end`,
      answer: async (request) => ({ status: 200, body: await jobs.ended(request.id) }),
    },
    {
      method: 'POST',
      path: `${path}/:id/stop`,
      answer: async (request) => ({ status: 200, body: await jobs.stop(request.id) }),
    },
  ]
}

/** Simulations: start, list, one, stop. */
export function simulationsApi(simulations: JobRegistry, maxSteps: number): Route[] {
  const steps = z.int().min(1).max(maxSteps).default(Math.min(1_000_000, maxSteps))
  const request = z.strictObject({ id: id.optional(), seed, steps })
  const numbered = numbers('simulation')
  return [
    ...jobsApi('/api/simulations', simulations),
    {
      method: 'POST',
      path: '/api/simulations',
      async answer({ body }) {
        const { id = numbered(), ...more } = await body(request)
        return { status: 201, body: await simulations.start({ id, dataset: null, ...more }) }
      },
    },
  ]
}

/** Analyses: start, list, one, stop, restart of one that has ended, and removal of old ones. */
export function analysesApi(analyses: JobRegistry, datasets: DatasetCache, maxSteps: number): Route[] {
  const steps = z.int().min(1).max(maxSteps).default(Math.min(100, maxSteps))
  const request = z.strictObject({ id: id.optional(), dataset: id.default('default'), seed, steps })
  const cleanup = z.strictObject({ olderThanMs: z.number().min(0).default(60_000) })
  const numbered = numbers('analysis')
  return [
    ...jobsApi('/api/analyses', analyses),
    {
      method: 'POST',
      path: '/api/analyses',
      async answer({ body }) {
        const { id = numbered(), ...more } = await body(request)
        return { status: 201, body: await analyses.start({ id, ...more }) }
      },
    },
    {
      method: 'POST',
      path: '/api/analyses/:id/restart',
      answer: async ({ id }) => ({ status: 200, body: await analyses.restart(id) }),
    },
    {
      method: 'POST',
      path: '/api/analyses/cleanup',
      async answer({ body }) {
        const { olderThanMs } = await body(cleanup)
        datasets.removeExpired()
        return { status: 200, body: { removed: await analyses.cleanup(olderThanMs) } }
      },
    },
  ]
}

/** Gives ids to jobs that come without one. */
function numbers(prefix: string): () => string {
  let given = 0
  return () => `${prefix}-${++given}`
}
