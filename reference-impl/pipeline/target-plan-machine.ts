/** The declared life of a plan, for `check.lifecycle({ machines: { plan: planMachine } })`. */
export const planMachine = {
  initial: ['accepted'],
  transitions: {
    accepted: ['running', 'failed', 'deleted'],
    running: ['completed', 'failed', 'deleted'],
    completed: [],
    failed: [],
    deleted: [],
  },
} as const
