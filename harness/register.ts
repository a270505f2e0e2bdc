/**
 * `raceproof/register`: import it before anything else (`node --import raceproof/register`, or first in vitest's
 * `setupFiles`), and code that runs in this thread can be simulated. Outside of schedules nothing changes.
 */
import { installPatches } from './sim/install.ts'

installPatches()
