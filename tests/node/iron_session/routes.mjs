// The session routes of tests/live/wsgi_app.py on Node's http with the real iron-session 8 or 9.
// Usage: SESSION_OPTIONS='{"password": {"1": "..."}}' node routes.mjs VERSION PORT

import { createServer } from 'node:http'
import { getIronSession as version8 } from 'iron-session8'
import { getIronSession as version9 } from 'iron-session9'

const [version, port] = process.argv.slice(2)
const getIronSession = { 8: version8, 9: version9 }[version]
const options = { cookieName: 'session', ...JSON.parse(process.env.SESSION_OPTIONS) }

const routes = {
  'GET /count': async (session) => {
    session.views = (session.views || 0) + 1
    await session.save()
    return { session }
  },
  'GET /read': async (session) => ({ session }),
  'POST /destroy': async (session) => {
    session.destroy()
    return { session: null }
  },
}

createServer(async (request, response) => {
  try {
    const session = await getIronSession(request, response, options)
    const answer = await routes[`${request.method} ${request.url}`](session)
    response.end(JSON.stringify(answer))
  } catch (error) {
    response.statusCode = 500
    response.end(JSON.stringify({ error: error.message }))
  }
}).listen(Number(port), '127.0.0.1')
