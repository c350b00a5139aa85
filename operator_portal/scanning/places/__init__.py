"""Where plaintext might lie: each place is one module that knows how to read it."""
