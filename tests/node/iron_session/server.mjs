// An HTTP server whose sessions are those of the real iron-session 8 and 9.
// Usage: node server.mjs PORT. POST /8 or /9 with {"options": {...}, "steps": [["set", {...}], ...]}.

import { createServer } from 'node:http'
import { getIronSession as version8 } from 'iron-session8'
import { getIronSession as version9 } from 'iron-session9'

const versions = { '/8': version8, '/9': version9 }

const steps = {
  set: (session, changes) => Object.assign(session, changes),
  delete: (session, key) => delete session[key],
  destroy: (session) => session.destroy(),
  save: (session) => session.save(),
}

async function body(request) {
  let text = ''
  for await (const chunk of request) text += chunk
  return JSON.parse(text)
}

createServer(async (request, response) => {
  try {
    const asked = await body(request)
    const session = await versions[request.url](request, response, asked.options)
    const loaded = JSON.stringify(session)
    for (const [name, argument] of asked.steps) await steps[name](session, argument)
    response.end(loaded)
  } catch (error) {
    response.statusCode = 500
    response.end(JSON.stringify({ error: error.message }))
  }
}).listen(Number(process.argv[2]), '127.0.0.1')
