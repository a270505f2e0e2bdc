/** A thread's code needs what real workers of a controller cannot have, so that they cannot confirm its schedule. */
export class NotOnWorkers extends Error {
  constructor(what: string) {
    super(what)
    this.name = 'NotOnWorkers'
  }
}
