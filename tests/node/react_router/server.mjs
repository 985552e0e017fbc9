// The cookie sessions of React Router ("rr8") and Remix ("remix2").
// Usage: node server.mjs PORT
//
// POST /rr8 {"secrets": [...], "steps": [...], "end": null} answers {"session", "answers"}.
// A step is a method of the session and its arguments. The end "commit" or "destroy" sets the cookie.
// POST /read {"secrets": [...], "headers": [...]} answers what both packages read of each header.

import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { createCookieSessionStorage } from 'react-router'

const remix = createRequire(import.meta.url)('@remix-run/node')
const packages = { rr8: createCookieSessionStorage, remix2: remix.createCookieSessionStorage }

function storage (name, secrets) {
  return packages[name]({ cookie: { name: '__session', secrets, httpOnly: true } })
}

async function serve (name, body, cookies, outgoing) {
  if (name === 'read') {
    return Promise.all(body.headers.map(async (header) => Object.fromEntries(
      await Promise.all(Object.keys(packages).map(async (each) =>
        [each, (await storage(each, body.secrets).getSession(header)).data]))
    )))
  }
  const { getSession, commitSession, destroySession } = storage(name, body.secrets)
  const session = await getSession(cookies)
  const before = session.data
  const answers = body.steps.map(([method, ...given]) => session[method](...given) ?? null)
  if (body.end === 'commit') outgoing.setHeader('Set-Cookie', await commitSession(session))
  if (body.end === 'destroy') outgoing.setHeader('Set-Cookie', await destroySession(session))
  return { session: before, answers }
}

createServer(async (incoming, outgoing) => {
  try {
    const parts = []
    for await (const part of incoming) parts.push(part)
    const body = JSON.parse(Buffer.concat(parts))
    const answer = await serve(incoming.url.slice(1), body, incoming.headers.cookie, outgoing)
    outgoing.setHeader('Content-Type', 'application/json')
    outgoing.end(JSON.stringify(answer))
  } catch (error) {
    console.error(error)
    outgoing.writeHead(500).end()
  }
}).listen(Number(process.argv[2]), '127.0.0.1')
