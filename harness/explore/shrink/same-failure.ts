import type { Finding } from '../../check/verdict.ts'

/** Checks that can be broken in ways that have nothing to do with each other. */
const isAboutErrors = (check: string) => check === 'assertion' || check === 'server-errors'

/**
 * What stays the same of a failure while it is made smaller: its check and, where that is about errors, which error it is.
 * A schedule that fails in another way is another failure, however small.
 */
export function kindOfFailure({ check, message }: Finding): string {
  return isAboutErrors(check) ? `${check}: ${shapeOf(message)}` : check
}

/** The first line of a message without what differs from schedule to schedule: names, figures and texts. */
export function shapeOf(message: string): string {
  const [line = ''] = message.split('\n')
  return line
    .replace(/'[^']*'|"[^"]*"|`[^`]*`/g, '…')
    .replace(/\[[^\]]*\]|\{[^}]*\}/g, '…')
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b(?=[0-9a-f]*\d)[0-9a-f]{6,}\b/g, '#')
    .replace(/\b(?:[a-z]+-)*[a-z]*\d[\w.-]*/g, '#')
    .replace(/\d+(?:\.\d+)?/g, '#')
}
