'use strict'

// Answers cases in the shape of tests/node/vectors with the real packages: on each line of stdin a
// list of [suite, case], on each line of stdout the list of their answers. No socket is needed:
// cookie-session sees of a request its headers and of a response its header fields, and these
// are the ones of node:http. Usage: NO_DEPRECATION=cookies node oracle.js

const http = require('node:http')
const readline = require('node:readline')
const cookieSession = require('cookie-session')
const Cookies = require('cookies')
const Keygrip = require('keygrip')

Date.now = () => 1705321845678

// --- JavaScript values that JSON lacks ---

const tags = {
  $num: Number,
  $undefined: () => undefined,
  $date: (ms) => new Date(ms === null ? NaN : ms),
  $bigint: BigInt,
  $fn: () => function () {},
  $buffer: (hex) => Buffer.from(hex, 'hex'),
  $self: (_, itself) => itself(),
  $keygrip: ({ keys, algorithm, encoding }) => new Keygrip(revived(keys), algorithm, encoding)
}

function revived (value, itself) {
  if (Array.isArray(value)) return value.map((item) => revived(item, itself))
  if (value === null || typeof value !== 'object') return value
  const [tag, ...more] = Object.keys(value)
  if (more.length === 0 && Object.hasOwn(tags, tag)) return tags[tag](value[tag], itself)
  const result = {}
  for (const key of Object.keys(value)) {
    Object.defineProperty(result, key, {
      value: revived(value[key], itself), writable: true, enumerable: true, configurable: true
    })
  }
  return result
}

// --- requests and responses ---

function exchangeOf ({ cookie, https }) {
  const header = Array.isArray(cookie) ? cookie.join('; ') : cookie
  const req = {
    headers: header === null ? {} : { cookie: header },
    protocol: https === 'protocol' ? 'https' : 'http',
    socket: { encrypted: https === 'encrypted' }
  }
  return { req, res: new http.ServerResponse(new http.IncomingMessage(null)) }
}

const setCookies = (res) => [].concat(res.getHeader('Set-Cookie') ?? [])

function attempt (look) {
  try {
    return look()
  } catch {
    return { $throws: true }
  }
}

// --- the suites ---

function keygrip ({ op, keys, algorithm, encoding, data, digest }) {
  const grip = new Keygrip(revived(keys), algorithm, encoding)
  if (op === 'sign') return { digest: grip.sign(revived(data)) }
  return {
    index: grip.index(revived(data), revived(digest)),
    verify: grip.verify(revived(data), revived(digest))
  }
}

function cookiesGet (c) {
  const { req, res } = exchangeOf(c)
  const cookies = new Cookies(req, res, c.keys === null ? {} : { keys: revived(c.keys) })
  const options = c.opts === null ? [] : [revived(c.opts)]
  return { value: cookies.get(c.name, ...options) ?? null, set_cookie: setCookies(res) }
}

function cookiesSet (c) {
  const { req, res } = exchangeOf({ cookie: null, https: c.https })
  const options = c.keys === null ? {} : { keys: revived(c.keys) }
  if (c.ctor_secure !== null) options.secure = c.ctor_secure
  if (c.prior !== null) res.setHeader('Set-Cookie', c.prior)
  const cookies = new Cookies(req, res, options)
  cookies.set(c.name, revived(c.value), ...(c.options === null ? [] : [revived(c.options)]))
  return { set_cookie: setCookies(res) }
}

function session (c) {
  const { req, res } = exchangeOf(c)
  let middleware
  try {
    middleware = c.options === null ? cookieSession() : cookieSession(revived(c.options))
  } catch {
    return { construct_error: true, request_error: null, observed: [], set_cookie: [] }
  }
  const answer = { construct_error: null, request_error: null, observed: [] }
  try {
    middleware(req, res, () => {})
  } catch {
    return { ...answer, request_error: true, set_cookie: [] }
  }
  const handler = new Handler(req, res, c)
  for (const op of c.ops) {
    try {
      answer.observed.push(handler[op.op](op) ?? null)
    } catch {
      answer.observed.push({ throws: true })
    }
  }
  if (!res.headersSent) res.writeHead(200)
  return { ...answer, set_cookie: handler.sent ?? setCookies(res) }
}

class Handler {
  constructor (req, res, given) {
    Object.assign(this, { req, res, given, touched: false, assigned: false, held: undefined })
  }

  get session () {
    this.touched = true
    return this.req.session
  }

  touch () { return this.session && undefined }

  read () {
    const session = this.session
    if (session === null) return { session: 'null' }
    return {
      session: attempt(() => JSON.stringify(session)),
      isNew: attempt(() => session.isNew),
      isChanged: attempt(() => session.isChanged),
      isPopulated: attempt(() => session.isPopulated),
      keys: Object.keys(session)
    }
  }

  follow (target, path) { return path.reduce((inner, step) => inner[step], target) }

  // As in sloppy code: what cannot be written is ignored.
  put (target, path, value) {
    const inner = this.follow(target, path.slice(0, -1))
    Reflect.set(Object(refuseNothing(inner)), path.at(-1), value)
  }

  set ({ path, value }) { this.put(this.session, path, revived(value, () => this.session)) }
  delete ({ path }) {
    Reflect.deleteProperty(refuseNothing(this.follow(this.session, path.slice(0, -1))), path.at(-1))
  }

  push ({ path, value }) { this.follow(this.session, path).push(revived(value)) }
  incr ({ path }) { this.put(this.session, path, (this.follow(this.session, path) || 0) + 1) }
  clear () { for (const key of Object.keys(this.session)) delete this.req.session[key] }

  assign ({ value }) {
    this.req.session = revived(value)
    this.assigned = true
  }

  option ({ name, value }) { this.req.sessionOptions[name] = revived(value) }
  delete_option ({ name }) { delete this.req.sessionOptions[name] }
  get_option ({ name }) { return { option: this.req.sessionOptions[name] ?? null } }
  prior ({ headers }) { this.res.setHeader('Set-Cookie', headers) }
  hold () { this.held = this.session }
  set_held ({ path, value }) { this.put(this.held, path, revived(value)) }
  assign_held () { this.req.session = this.held }
  same_as_held () { return { same: this.session === this.held } }
  send_headers () { this.write_head({ headers: {} }) }
  remove_header () { this.res.removeHeader('Set-Cookie') }

  write_head ({ headers }) {
    this.res.writeHead(200, headers)
    this.undo?.()
    this.sent = setCookies(this.res)
  }

  // No handler does the following. These are two decisions of the library; Node must be told to
  // take them.

  // Send a session that was read even if it is unchanged. Returns whether it is.
  send_again () {
    const session = this.touched && this.req.session
    if (!session || attempt(() => session.isChanged) !== false) return false
    const context = session._ctx
    const text = context._val
    this.undo = () => { context._val = text }
    context._val = null
    return true
  }

  // Destroy a session that was replaced by an empty one, if the client has one or if the session
  // was destroyed before.
  drop_if_empty ({ ended }) {
    const client = {}
    if (!this.assigned || !this.req.session || this.req.session.isPopulated) return
    const { req, res } = exchangeOf(this.given)
    cookieSession(revived(this.given.options))(req, res, () => { client.has = !req.session.isNew })
    if (!ended && !client.has) return
    this.req.session = null
    this.undo = () => { this.req.session = {} }
  }
}

function refuseNothing (value) {
  if (value === null || value === undefined) throw new TypeError('nothing to change')
  return value
}

const suites = { keygrip, cookies_get: cookiesGet, cookies_set: cookiesSet, session }

function answerOf ([suite, given]) {
  try {
    return suites[suite](given)
  } catch (error) {
    return { error: { name: error.name } }
  }
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  process.stdout.write(`${JSON.stringify(JSON.parse(line).map(answerOf))}\n`)
})
