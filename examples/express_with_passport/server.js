'use strict'

//   npm install
//   export COOKIESESSION_KEYS="$(cat keys.txt)"
//   node server.js 3000

const cookieSession = require('cookie-session')
const express = require('express')
const passport = require('passport')

// The keys as Python reads them: one a line or, on one line, separated by commas. Newest first.
const text = process.env.COOKIESESSION_KEYS.trim()
const keys = text.split(text.includes('\n') ? '\n' : ',').map((key) => key.trim())

const app = express()
app.use(cookieSession({ keys, sameSite: 'lax' }))
app.use(require('./passport_methods'))
app.use(passport.session())

passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, { id })) // a real application asks its database

app.post('/log-in/:user', (req, res, next) => {
  // A real application calls passport.authenticate(), which checks a password and calls logIn().
  req.logIn({ id: req.params.user }, (error) => error ? next(error) : res.send('welcome'))
})

app.post('/cart/:item', (req, res) => {
  req.session.cart = [...(req.session.cart || []), req.params.item]
  res.send('added')
})

app.get('/', (req, res) => {
  res.send(`${req.user ? req.user.id : 'nobody'}: ${(req.session.cart || []).join(', ')}`)
})

app.post('/log-out', (req, res, next) => {
  req.logOut((error) => {
    if (error) return next(error)
    req.session = null // deletes both cookies
    res.send('bye')
  })
})

app.listen(Number(process.argv[2]), '127.0.0.1')
