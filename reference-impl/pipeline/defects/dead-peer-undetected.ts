import { type Defect, defect } from 'raceproof'
import { Heartbeat } from '../heartbeat.ts'

/** A peer that vanished without closing its connection is kept for ever. */
export const deadPeerUndetected: Defect = defect(
  'dead-peer-undetected',
  Heartbeat,
  {
    source: 'sse-reliability-issues 6',
    wrong: 'no heartbeat: a peer that vanished without closing is kept',
    caughtBy: ['leftovers'],
    worlds: ['sim', 'live'],
    scenarios: ['vanished-peer'],
  },
  (Correct) =>
    class extends Correct {
      protected override beat(): void {
        // DEFECT: nobody is asked for a sign of life
      }
    },
)
