"""Session cookies of other libraries than ``cookie-session``. Import the one you want.

cookiesession_adapters.formats.authjs   logins of Auth.js and NextAuth   cookiesession[authjs]
"""
