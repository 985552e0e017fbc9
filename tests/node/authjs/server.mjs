// A site with the real login of Auth.js 5 or NextAuth 4, and with sessions as JWT.
// Usage: AUTH_SECRETS='["newest", ...]' node server.mjs PORT 5|4 [http|https]
//
// POST /api/auth/callback/credentials logs in: {csrfToken, user, note}. The claims get the note,
// so that a test chooses their size. With https, the site takes itself for one behind a proxy.

import http from 'node:http'
import { createRequire } from 'node:module'
import { Auth } from '@auth/core'
import Credentials5 from '@auth/core/providers/credentials'

const require = createRequire(import.meta.url)
// The package does not export the handler by itself: its entries need Next.js.
const { AuthHandler } = require('./node_modules/next-auth/core')
const Credentials4 = require('next-auth/providers/credentials').default
const { serialize } = require('cookie')

const [port, version, scheme = 'http'] = process.argv.slice(2)
const secrets = JSON.parse(process.env.AUTH_SECRETS)
const origin = `${scheme}://127.0.0.1:${port}`
process.env.NEXTAUTH_URL = origin
process.env.AUTH_URL = `${origin}/api/auth`

const Credentials = version === '5' ? Credentials5 : Credentials4
const config = {
  providers: [Credentials({
    credentials: { user: {}, note: {} },
    authorize: ({ user, note }) => ({ id: '7', name: user, note })
  })],
  callbacks: {
    jwt: ({ token, user }) => user ? { ...token, note: user.note } : token
  },
  secret: version === '5' ? secrets : secrets[0],
  session: { strategy: 'jwt' },
  useSecureCookies: scheme === 'https',
  trustHost: true,
  basePath: '/api/auth'
}

async function answer (request) {
  if (version === '5') {
    const response = await Auth(request, config)
    return [response.status, response.headers.getSetCookie(), await response.text()]
  }
  const { status = 200, cookies = [], body, redirect } =
    await AuthHandler({ req: request, options: config })
  const lines = cookies.map(({ name, value, options }) => serialize(name, value, options))
  return [redirect ? 302 : status, lines, typeof body === 'string' ? body : JSON.stringify(body)]
}

http.createServer(async (req, res) => {
  const chunks = []
  for await (const chunk of req) chunks.push(chunk)
  const headers = new Headers(req.headers)
  headers.set('X-Forwarded-Proto', scheme)
  const body = req.method === 'POST' ? Buffer.concat(chunks) : undefined
  const request = new Request(origin + req.url, { method: req.method, headers, body })
  const [status, cookies, text] = await answer(request)
  res.writeHead(status, { 'Set-Cookie': cookies, 'Content-Type': 'text/plain' }).end(text)
}).listen(port, '127.0.0.1')
