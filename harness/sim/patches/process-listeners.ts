import { active } from '../active.ts'

/** `process.on` and its like: inside a schedule, who listens is remembered with the process whose code asks for it. */
export function patchProcessListeners(): void {
  active.atStart.add((simulation) => {
    process.on('newListener', (event, listener) => {
      simulation.processes.listeners.note(event, listener, simulation.node)
      simulation.openings.note(listener)
    })
  })
}
