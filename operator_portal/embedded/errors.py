"""What can go wrong on the ground floor, told to the person who started it."""


class EmbeddedError(Exception):
    """Something that the person at the terminal can act on; the text says what."""
