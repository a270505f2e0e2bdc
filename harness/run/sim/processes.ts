/** The process of the simulation in which the target runs. */
export const serverNode = 'server'

/** The process in which the script runs. */
export const scriptNode = 'main'

/** Whether a process is one of the scenario's clients: `c0`, `c1`, … */
export function isClientNode(name: string): boolean {
  return /^c\d+$/.test(name)
}
