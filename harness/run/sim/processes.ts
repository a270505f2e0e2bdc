import type { Simulation } from '../../sim/core/simulation.ts'

/** The process in which the script runs. */
export const scriptNode = 'main'

/** The names of the processes of the simulation in which the target runs: `server`, or `server0`, `server1`, … */
export function serverNodes(processes: number): string[] {
  if (processes === 1) return ['server']
  return Array.from({ length: processes }, (_, place) => `server${place}`)
}

/** Whether a process is one of the scenario's clients: `c0`, `c1`, … */
export function isClientNode(name: string): boolean {
  return /^c\d+$/.test(name)
}

/** The process that started the one of this name, or that started who started it, and so on to the first; itself if nobody did. */
export function firstAncestorOf(simulation: Simulation, name: string): string {
  let node = simulation.nodeNamed(name)
  for (let child = simulation.processes.childAt(node); child !== undefined; ) {
    node = child.parent
    child = simulation.processes.childAt(node)
  }
  return node.name
}
