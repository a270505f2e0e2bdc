/** Subjects for the pool's workers, which load this file themselves; so it is plain JavaScript over the built harness. */
import { stat } from 'node:fs/promises'
import { functionSubject } from '../../../dist/harness/explore/function-subject.js'

const touch = (name) => stat(`/nowhere/${name}`).catch(() => {})

/** Two chains of operations. */
async function race() {
  let order = ''
  const chain = async (name) => {
    for (let step = 0; step < 3; step++) {
      await touch(name)
      order += name
    }
  }
  await Promise.all([chain('a'), chain('b')])
  return order
}

const functions = {
  race,
  /** Fails in a few orders. */
  async failing() {
    const order = await race()
    if (order.startsWith('bbb')) throw new Error(`b was faster: ${order}`)
  },
  /** Never comes back in a few orders. */
  async stuck() {
    const order = await race()
    while (order.startsWith('bbb')) order.at(0)
  },
  async stuckAtOnce() {
    for (;;) Math.sqrt(2)
  },
  /** Goes on for longer than a schedule may. */
  async endless() {
    await new Promise((resolve) => setTimeout(resolve, 700_000))
  },
  async small() {
    await Promise.all([touch('a'), touch('b'), touch('c')])
  },
  /** Ends its thread in a few orders. */
  async refusing() {
    const order = await race()
    if (order.startsWith('bbb')) new (await import('node:worker_threads')).Worker('nothing.js')
  },
}

export async function loadSubject({ name }) {
  if (functions[name] === undefined) throw new Error(`no subject is called ${name}`)
  return functionSubject(functions[name], { name, leftovers: true })
}
