"""The consent question: what asking adds to a view that answers a constant, and whether it grows with the consents."""
