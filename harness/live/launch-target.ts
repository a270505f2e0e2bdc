import { launchCommand } from './command-launch.ts'
import { launchHost } from './host-launch.ts'
import type { Launch, LaunchContext, Launched } from './launch.ts'
import { launchUrl } from './url-launch.ts'

/** Launches the target in the way that was asked for. */
export function launchTarget(launch: Launch, context: LaunchContext): Promise<Launched> {
  if (launch.kind === 'url') return launchUrl(launch.url, context)
  if (launch.kind === 'command') return launchCommand(launch.command, context)
  return launchHost(context)
}
