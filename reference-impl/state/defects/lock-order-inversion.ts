import { type Defect, defect } from 'raceproof'
import { StatusBoard } from '../status-board.ts'

/** Looking at the board takes its two locks in one order, and bringing all down takes them in the other. */
export const lockOrderInversion: Defect = defect(
  'lock-order-inversion',
  StatusBoard,
  {
    source: 'thread-safe-state-management, common issues (deadlock)',
    wrong: 'two locks are taken in both orders: of the services, and of the test',
    caughtBy: ['lock-order', 'progress'],
    worlds: ['threads'],
    scenarios: ['board-looked-at'],
  },
  (Correct) =>
    class extends Correct {
      override show() {
        // DEFECT: whoever brings all down takes this one second
        return this.options.tests.run(() => super.show())
      }
    },
)
