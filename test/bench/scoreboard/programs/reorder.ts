import { type Program, promise, times } from '../program.ts'

const a = 0
const b = 1

/** Setters write two words one after the other without a lock; a checker must not see them half written. */
function reorder(name: string, setters: number, checkers: number): Program {
  return {
    name: `CS/${name}`,
    words: 2,
    mutexes: 0,
    start: ({ memory }) => ({
      threads: [
        ...times(setters, (thread) => {
          thread.store(memory, a, 1)
          thread.store(memory, b, -1)
        }),
        ...times(checkers, (thread) => {
          const isBefore = thread.load(memory, a) === 0 && thread.load(memory, b) === 0
          const isAfter = () => thread.load(memory, a) === 1 && thread.load(memory, b) === -1
          promise(isBefore || isAfter(), 'both words belong together')
        }),
      ],
    }),
  }
}

export const programs: readonly Program[] = [
  reorder('reorder_3', 2, 1),
  reorder('reorder_4', 3, 1),
  reorder('reorder_5', 4, 1),
  reorder('reorder_10', 9, 1),
  reorder('reorder_20', 10, 10),
  reorder('reorder_50', 40, 10),
  reorder('reorder_100', 99, 1),
]
