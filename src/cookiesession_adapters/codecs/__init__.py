"""More codecs than the core's :class:`~cookiesession_core.JSONCodec`. Import the one you want.

cookiesession_adapters.codecs.fast     the same text in less time   cookiesession[fast]
cookiesession_adapters.codecs.fernet   sessions that visitors cannot read   cookiesession[encrypted]
cookiesession_adapters.codecs.tagged   tuples, dates, bytes, UUIDs, Markup   cookiesession[tagged]
"""
