'use strict'

// Measures the real iron-session, React Router and Remix. Requests and responses have the fewest
// members that the packages use; there are no sockets. Usage: node formats.js TASK SECONDS

const { createCookieSessionStorage: remix2 } = require('@remix-run/node')
const { getIronSession: version8 } = require('iron-session8')
const { getIronSession: version9 } = require('iron-session9')
const { createCookieSessionStorage: router8 } = require('react-router')

const answer = require('./answer')

const { key, contents, sealed, signed } = JSON.parse(process.argv[2])

class Response {
  constructor () { this.sent = [] }
  getHeader () { return this.sent }
  setHeader (name, value) { this.sent = value }
  appendHeader (name, value) { this.sent = [...this.sent, value] }
}

function iron (getIronSession) {
  async function served (cookie, change) {
    const response = new Response()
    const options = { cookieName: 'session', password: key }
    const session = await getIronSession({ headers: { cookie } }, response, options)
    if (change) {
      change(session)
      await session.save()
    }
    return { views: session.views, sent: [response.sent].flat() }
  }
  return { served, cookie: sealed, save: (session) => Object.assign(session, contents) }
}

function storage (createCookieSessionStorage) {
  const { getSession, commitSession } = createCookieSessionStorage({
    cookie: { name: 'session', secrets: [key] }
  })
  async function served (cookie, change) {
    const session = await getSession(cookie)
    if (!change) return { views: session.get('views'), sent: [] }
    change({
      get views () { return session.get('views') },
      set views (value) { session.set('views', value) },
      fill () { for (const [name, value] of Object.entries(contents)) session.set(name, value) }
    })
    return { views: session.get('views'), sent: [await commitSession(session)] }
  }
  return { served, cookie: signed, save: (session) => session.fill() }
}

const packages = {
  'Node iron-session 9': iron(version9),
  'Node iron-session 8': iron(version8),
  'Node React Router 8': storage(router8),
  'Node Remix 2': storage(remix2)
}

async function checked () {
  const cases = []
  for (const [title, { served, cookie, save }] of Object.entries(packages)) {
    const calls = {
      load: () => served(cookie),
      save: () => served('', save),
      'round trip': () => served(cookie, (session) => { session.views += 1 })
    }
    for (const [operation, call] of Object.entries(calls)) {
      const { views, sent } = await call()
      const bumped = contents.views + (operation === 'round trip' ? 1 : 0)
      const isRight = views === bumped && sent.length === (operation === 'load' ? 0 : 1)
      if (!isRight) throw new Error(`${title} does not do its work: ${operation}`)
      cases.push({ name: [title, operation], call })
    }
  }
  return cases
}

checked().then(answer)
