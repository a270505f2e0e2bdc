import inspector from 'node:inspector'
import { refuseCalls } from '../refuse.ts'

/**
 * The debugger's port cannot be simulated; sessions within the process answer at once and can. The interactive prompt is
 * left alone: to load `node:repl` loads `node:domain`, which hooks every promise and emitter of the process for good.
 */
export function refuseInspector(): void {
  refuseCalls(inspector, 'inspector', ['open', 'waitForDebugger'], 'inspector')
}
