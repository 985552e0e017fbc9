"""One module a contender; each imports what it measures, and so fails where that is missing."""
