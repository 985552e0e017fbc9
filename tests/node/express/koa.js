'use strict'

// A Koa application with the real koa-session, whose session is the one of server.js and
// wsgi_app.py. Usage: SESSION_OPTIONS='{"keys": ["..."], "maxAge": 3600000}' node koa.js PORT
// NOW, in milliseconds, stops its clock.

const Koa = require('koa')
const session = require('koa-session')

if (process.env.NOW) Date.now = () => Number(process.env.NOW)

const { keys, name, ...options } = JSON.parse(process.env.SESSION_OPTIONS)

const app = new Koa()
app.keys = keys
app.use((session.default || session)({ key: name || 'session', renew: true, ...options }, app))

app.use(async (ctx) => {
  if (ctx.path === '/count') {
    ctx.session.views = (ctx.session.views || 0) + 1
  } else if (ctx.path === '/destroy') {
    ctx.session = null
  } else if (ctx.path !== '/read') {
    ctx.throw(404)
  }
  ctx.body = { session: ctx.session, isNew: ctx.session ? ctx.session.isNew : false }
})

app.listen(Number(process.argv[2]), '127.0.0.1')
