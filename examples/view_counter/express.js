'use strict'

// The other half of the view counter: Express with Node's cookie-session. app.py starts it.
// Usage: node express.js PORT PORT_OF_PYTHON
// Each line of stdin is a JSON list of keys, newest first. The answer is the port, as soon as the
// keys are in use.

const path = require('node:path')
const readline = require('node:readline')
const cookieSession = require('cookie-session')
const express = require('express')

const [port, python] = process.argv.slice(2).map(Number)
const app = express()
let sessions

app.disable('x-powered-by')
app.use('/static', express.static(path.join(__dirname, 'static')))
app.use(express.urlencoded({ extended: false }))
app.use((req, res, next) => sessions(req, res, next))

app.get('/', (req, res) => {
  res.send(page(req.session, req.socket.localPort))
})

app.post('/count', (req, res) => {
  req.session.views = (req.session.views || 0) + 1
  back(req, res)
})

app.post('/login', (req, res) => {
  const user = String(req.body?.user ?? '').trim().slice(0, 40) || 'Ada'
  req.session = { views: req.session.views || 0, user }
  back(req, res)
})

app.post('/logout', (req, res) => {
  req.session = null
  back(req, res)
})

// The page of the Python half shows this one in a frame.
const back = (req, res) => res.redirect(303, `http://${req.hostname}:${python}/look`)

const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

function page ({ views = 0, user }, port) {
  const by = user === undefined ? '' : ` by <span id="user">${escaped(user)}</span>`
  const door = user === undefined
    ? `<form method="post" action="/login" target="_top">
  <input name="user" aria-label="Your name" placeholder="Your name" maxlength="40" autocomplete="off">
  <button id="login">Log in</button></form>`
    : '<form method="post" action="/logout" target="_top"><button id="logout">Log out</button></form>'
  return `<!doctype html>
<html lang="en" class="frame">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>View counter in Express</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/style.css">
<section class="half">
<h2>Node <span>Express, port ${port}</span></h2>
<p class="count" id="views">${escaped(views)}</p>
<p class="who">${views === 1 ? 'view' : 'views'}${by}</p>
<div class="actions">
<form method="post" action="/count" target="_top"><button id="count">Count a view</button></form>
${door}
</div>
</section>
</html>`
}

let server

readline.createInterface({ input: process.stdin })
  .on('line', (line) => {
    sessions = cookieSession({ keys: JSON.parse(line), sameSite: 'lax' })
    if (server) return console.log(server.address().port)
    server = app.listen(port, '127.0.0.1', (error) => {
      if (error) {
        console.error(`Port ${port} cannot be used by Express (${error.code}).`)
        process.exit(1)
      }
      console.log(server.address().port)
    })
  })
  .on('close', () => process.exit())
