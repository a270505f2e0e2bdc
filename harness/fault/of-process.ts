import type { Fault } from './fault.ts'

/** What the record calls a fault that hits one of so many processes of the target. */
export function nameOf({ description }: Fault, process: number, processes: number): string {
  return processes > 1 ? `${description} of process ${process}` : description
}

/** Why a fault cannot hit a process that is not there. */
export function noSuchProcess(fault: string, process: number, processes: number): string {
  const there = processes === 1 ? 'the scenario has one process, 0' : `the scenario has ${processes}, from 0`
  return `'${fault}' is to hit process ${process}, and ${there}; say \`processes\` in the scenario to have more`
}
