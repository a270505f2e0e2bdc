import type { Simulated } from '../../../../../harness/sim/simulate.ts'
import { eventSourceProgram } from './eventsource.ts'
import { expressProgram, fastifyProgram, honoProgram } from './frameworks.ts'
import { httpProgram } from './http.ts'
import { mcpProgram } from './mcp.ts'
import { linesProgram, socketProgram, streamsProgram } from './net.ts'
import { fetchProgram, undiciProgram } from './undici.ts'
import { deflateProgram } from './ws.ts'

/** A program for each library that runs unmodified in the simulated world. */
export const libraryPrograms: Record<string, Simulated<unknown>> = {
  eventSourceProgram,
  fetchProgram,
  undiciProgram,
  deflateProgram,
  mcpProgram,
  fastifyProgram,
  expressProgram,
  honoProgram,
  httpProgram,
  socketProgram,
  linesProgram,
  streamsProgram,
}
