"""The forecast check: fitted to the years before a cut, held against the years after it."""
