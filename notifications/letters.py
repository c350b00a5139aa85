"""A mail as it leaves."""

from email.policy import Compat32
from typing import Any, Final

from django.core.mail import EmailMultiAlternatives

#: Legal up to 998 letters a line. Python would break the line before the address, which not every reader puts together.
UNFOLDED: Final = "list-unsubscribe"


class _Policy(Compat32):
    def fold(self, name: str, value: str) -> str:
        if name.lower() == UNFOLDED:
            return f"{name}: {value}{self.linesep}"
        return super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() == UNFOLDED:
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


class Letter(EmailMultiAlternatives):
    def message(self, **options: Any) -> Any:
        message: Any = super().message(**options)
        message.policy = _Policy()
        return message
