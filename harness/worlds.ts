/** The worlds that a scenario can run in, and that a defect can show in. */
export const worlds = ['sim', 'live', 'threads'] as const
export type WorldName = (typeof worlds)[number]
