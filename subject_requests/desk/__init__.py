"""The desk's pages: one request and the acts on it, the search, who is away, the figures."""
