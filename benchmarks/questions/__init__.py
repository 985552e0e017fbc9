"""One module a question; each measures, and shows what it has measured as tables."""
