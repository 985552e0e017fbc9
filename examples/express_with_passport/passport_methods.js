'use strict'

// Since version 0.6, Passport calls regenerate() and save() of the session. cookie-session has
// neither method. On the prototype they are not contents, so an empty session stays empty.

module.exports = (req, res, next) => {
  const prototype = Object.getPrototypeOf(req.session)
  if (!('regenerate' in prototype)) {
    Object.defineProperties(prototype, {
      regenerate: {
        value (done) {
          for (const key of Object.keys(this)) delete this[key]
          done()
        }
      },
      save: { value: (done) => done() }
    })
  }
  next()
}
