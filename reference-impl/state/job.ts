import type { Json } from './json.ts'
import { SeededNumbers } from './seeded-numbers.ts'

/** What a job is to compute, as it is sent to a worker thread. */
export type JobSpec = SimulationSpec | AnalysisSpec | DatasetSpec

/** A queue at a network link: packets arrive and are served at random; how long does it get? */
export interface SimulationSpec {
  kind: 'simulation'
  seed: number
  steps: number
  sliceOperations: number
}

/** How sure is the mean of a dataset? Asked of so many random samples of it (the bootstrap). */
export interface AnalysisSpec {
  kind: 'analysis'
  seed: number
  steps: number
  sliceOperations: number
  points: Float64Array
}

/** A series of measurements, made up from its seed, in shared memory. */
export interface DatasetSpec {
  kind: 'dataset'
  seed: number
  steps: number
}

/** A computation in slices: it yields how far it is, between 0 and 1, so that its runner can report that, and stop it. */
export type Computation = Generator<number, JobResult, void>

export type JobResult = { json: Json; points?: Float64Array }

/** Begins a job's computation. Equal specs give equal results, however they are sliced. */
export function compute(spec: JobSpec): Computation {
  if (spec.kind === 'simulation') return simulate(spec)
  return spec.kind === 'analysis' ? analyse(spec) : makeDataset(spec)
}

function* simulate({ seed, steps, sliceOperations }: SimulationSpec): Computation {
  const numbers = new SeededNumbers(seed)
  let [queue, longest, sum] = [0, 0, 0]
  for (let step = 1; step <= steps; step++) {
    queue = Math.max(0, queue + (numbers.real() < 0.48 ? 1 : -1))
    longest = Math.max(longest, queue)
    sum += queue
    if (step % sliceOperations === 0) yield step / steps
  }
  return { json: { longest, mean: sum / steps } }
}

function* analyse({ seed, steps, sliceOperations, points }: AnalysisSpec): Computation {
  const numbers = new SeededNumbers(seed)
  const means = new Float64Array(steps)
  const samplesInSlice = Math.ceil(sliceOperations / points.length)
  for (let step = 0; step < steps; step++) {
    means[step] = sampleMean(points, numbers)
    if (step % samplesInSlice === samplesInSlice - 1) yield step / steps
  }
  means.sort()
  const quantile = (share: number): number => means[Math.floor(share * (steps - 1))] as number
  return { json: { low: quantile(0.025), median: quantile(0.5), high: quantile(0.975) } }
}

/** The mean of as many points as there are, drawn with replacement. */
function sampleMean(points: Float64Array, numbers: SeededNumbers): number {
  let sum = 0
  for (let draw = 0; draw < points.length; draw++) sum += points[numbers.below(points.length)] as number
  return sum / points.length
}

// biome-ignore lint/correctness/useYield: it is one slice, and a computation like the others
function* makeDataset({ seed, steps }: DatasetSpec): Computation {
  const numbers = new SeededNumbers(seed)
  const points = new Float64Array(new SharedArrayBuffer(steps * Float64Array.BYTES_PER_ELEMENT))
  let level = 100
  for (let step = 0; step < steps; step++) {
    level += numbers.real() - 0.5
    points[step] = level
  }
  return { json: { points: steps }, points }
}
