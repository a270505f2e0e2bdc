/**
 * `node --import raceproof/plain-accesses` lets `exploreThreads` with `plainAccesses` see what the program's own ES modules
 * do to shared arrays without `Atomics`; those of packages are loaded as they are.
 */
import { register } from 'node:module'

// Places in stacks are then those of the code as the user wrote it.
process.setSourceMapsEnabled(true)
register(new URL('./loader-hooks.js', import.meta.url))
