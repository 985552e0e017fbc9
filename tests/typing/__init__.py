"""Types of the public names, for type checkers; these files are never run.

Each is checked against the source with everything else, and by ``nox --session typing`` against
the wheel, by two checkers. A ``type: ignore`` is an assertion as well: the line must be an error,
since an ignore that is not needed is one.
"""
