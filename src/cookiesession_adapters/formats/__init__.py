"""The session cookies of other libraries. Import the one you want.

cookiesession_adapters.formats.authjs         logins of Auth.js 5 and NextAuth 4, to read
cookiesession_adapters.formats.iron_session   sessions of iron-session, for Next.js
cookiesession_adapters.formats.react_router   sessions of React Router and Remix
cookiesession_adapters.formats.signed         values that Express, Fastify and others have signed
"""
