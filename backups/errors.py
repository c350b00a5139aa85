"""Why a backup was not made or not restored. The words are for whoever runs the command."""


class BackupError(Exception):
    """Something outside of us failed: a program, a disk."""


class Unreadable(BackupError):
    """The backup does not open, or is not whole."""


class Refused(BackupError):
    """It would destroy what is there, or bring back who is gone."""


class NotSound(BackupError):
    """What was restored is not what was backed up: the portal stays closed."""
