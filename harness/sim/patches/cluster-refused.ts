import cluster from 'node:cluster'
import { refuseCalls } from '../refuse.ts'

/** `cluster.fork` cannot be simulated. */
export function refuseCluster(): void {
  refuseCalls(cluster, 'cluster', ['fork'], 'cluster')
}
