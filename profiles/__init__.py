"""The operator's configuration: who processes whose data, why, on what basis and for how long."""

from profiles.loader import current, load

__all__ = ["current", "load"]
