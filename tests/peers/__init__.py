"""The own tests of frameworks and of packages that use a framework's session, run on ours.

``python -m tests.peers [NAME ...]`` fetches their source distributions and runs them twice: on
the framework's own sessions, and on ours. ``suites.py`` names every test that fails on ours alone,
with the reason. A difference that is not named there is a failure, and so is a named one that is
gone.
"""
