// What a request asks for: {"options": {...}, "steps": [["set", {...}], ...]}. The answer is the
// session before the steps.

import { getIronSession as version9 } from 'iron-session'
import { getIronSession as version8 } from 'iron-session8'

const versions = { 8: version8, 9: version9 }

const steps = {
  set: (session, changes) => Object.assign(session, changes),
  delete: (session, key) => delete session[key],
  destroy: (session) => session.destroy(),
  save: (session) => session.save()
}

// `places` is where a session is read and written: the cookies, or a request and a response.
export async function take (version, asked, ...places) {
  const session = await versions[version](...places, asked.options)
  const loaded = { ...session }
  for (const [name, argument] of asked.steps) await steps[name](session, argument)
  return loaded
}

export function refuse (error) {
  return Response.json({ error: error.message }, { status: 500 })
}
