'use strict'

// Answers the vectors of docs/wire with the real packages: a case on each line of stdin, its
// answer on the same line of stdout. No socket is needed: the packages see of a request its
// headers and of a response its header fields.

const http = require('node:http')
const readline = require('node:readline')
const { once } = require('node:events')
const cookieSession = require('cookie-session')
const Cookies = require('cookies')
const Keygrip = require('keygrip')
const Koa = require('koa')
const koaSession = require('koa-session')

function exchangeOf ({ header = null, https = false, set_cookie: sent = [] }) {
  const req = new http.IncomingMessage({ encrypted: https })
  req.url = '/'
  if (header !== null) req.headers.cookie = [].concat(header).join('; ')
  const res = new http.ServerResponse(req)
  if (sent.length) res.setHeader('Set-Cookie', sent)
  return { req, res }
}

const setCookies = (res) => [].concat(res.getHeader('Set-Cookie') ?? [])

function nodeOptions ({ name, keys, algorithm, options = {} }) {
  const names = { max_age: 'maxAge', http_only: 'httpOnly', same_site: 'sameSite' }
  const result = { name, signed: keys !== null, keys: keys && new Keygrip(keys, algorithm) }
  for (const [key, value] of Object.entries(options)) {
    result[names[key] ?? key] = key === 'expires' ? new Date(value) : value
  }
  return result
}

function sessionOf (given) {
  const { req, res } = exchangeOf(given)
  cookieSession(nodeOptions(given))(req, res, () => {})
  return { req, res }
}

function act (req, { action, contents }) {
  if (action === 'read') void req.session
  if (action === 'destroy') req.session = null
  if (action === 'replace') req.session = JSON.parse(contents)
  if (action === 'write') {
    for (const key of Object.keys(req.session.toJSON?.() ?? req.session)) delete req.session[key]
    Object.assign(req.session, JSON.parse(contents))
  }
}

function expressAnswer (given) {
  const { req, res } = sessionOf(given)
  act(req, given)
  res.writeHead(200)
  return { set_cookie: setCookies(res) }
}

// --- koa-session, for the timestamps ---

async function koaAnswer (given) {
  const { keys, name, options, idle_timeout: maxAge } = given
  const app = new Koa({ keys })
  const session = koaSession.default ?? koaSession
  app.use(session({ key: name, renew: true, ...options, maxAge }, app))
  let contents = null
  app.use((ctx) => {
    act(ctx, given)
    // A look at the session would prolong it.
    if (given.action === 'read' && !ctx.session.isNew) contents = JSON.stringify(ctx.session)
  })
  const { req, res } = exchangeOf(given)
  await app.callback()(req, res)
  return { contents, set_cookie: setCookies(res) }
}

// --- the operations ---

const operations = {
  sign: ({ keys, algorithm, text }) => ({ signature: new Keygrip(keys, algorithm).sign(text) }),

  verify ({ keys, algorithm, text, signature }) {
    const index = new Keygrip(keys, algorithm).index(text, signature)
    return { key: index < 0 ? null : index }
  },

  encode ({ contents }) {
    const { set_cookie: [cookie] } = expressAnswer({
      name: 'session', keys: null, action: 'write', contents
    })
    return { value: cookie.split(';')[0].slice('session='.length) }
  },

  find: (given) => {
    const { req, res } = exchangeOf(given)
    return { value: new Cookies(req, res).get(given.name) ?? null }
  },

  async read (given) {
    if (given.idle_timeout) {
      return { contents: (await koaAnswer({ ...given, action: 'read' })).contents }
    }
    const { session } = sessionOf(given).req
    return { contents: session.isNew ? null : JSON.stringify(session) }
  },

  set_cookie (given) {
    const { req, res } = exchangeOf(given.https ? { https: true } : {})
    const { name, signed, keys, ...options } = nodeOptions({ ...given, keys: null })
    new Cookies(req, res).set(given.name, given.value, options)
    return { set_cookie: setCookies(res)[0] }
  },

  async respond (given) {
    const answer = given.idle_timeout ? await koaAnswer(given) : expressAnswer(given)
    return { set_cookie: answer.set_cookie }
  }
}

async function answerOf ({ op, ...given }) {
  if (given.absolute_timeout) return null // koa-session has none
  Date.now = () => given.now
  try {
    return await operations[op](given)
  } catch {
    return { error: true }
  }
}

async function main () {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const answer = JSON.stringify(await answerOf(JSON.parse(line)))
    if (!process.stdout.write(`${answer}\n`)) await once(process.stdout, 'drain')
  }
}

main()
