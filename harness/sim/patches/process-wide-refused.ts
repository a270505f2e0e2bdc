import { refuseCalls } from '../refuse.ts'

/** What changes the one real process under all simulated ones, and under the schedules after this one. */
export function refuseProcessWide(): void {
  const names = ['chdir', 'setuid', 'seteuid', 'setgid', 'setegid', 'setgroups', 'initgroups']
  refuseCalls(process, 'process', names, 'processWide')
}
