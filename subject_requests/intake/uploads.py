"""Files on their way in: in memory until they are sealed, so that none ever lies open on a disk. One that is too large
arrives empty and says so, where Django would let it vanish."""

from io import BytesIO
from typing import Any, Final

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers, StopUpload

from subject_requests.intake import limits

#: The fields of forms that take enclosures; files of other forms are none of our business.
FIELDS: Final = frozenset({"files", "authority_document", "scan"})
_PATIENCE: Final = 4  # times what is allowed together, and then the connection is closed


class Enclosure(InMemoryUploadedFile):
    is_too_large = False
    is_beyond_the_sum = False


class EnclosureHandler(FileUploadHandler):
    """Before Django's own in FILE_UPLOAD_HANDLERS."""

    def handle_raw_input(self, *_: Any, **__: Any) -> None:
        self._limits = limits.of_attachments()
        self._together = 0
        self._is_mine = False

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        self._is_mine = field_name in FIELDS
        if self._is_mine:
            self._content = BytesIO()
            self._size = 0
            raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if not self._is_mine:
            return raw_data
        self._size += len(raw_data)
        self._together += len(raw_data)
        if self._together > _PATIENCE * self._limits.together:
            raise StopUpload(connection_reset=True)
        if self._fits():
            self._content.write(raw_data)
        else:
            self._content = BytesIO()
        return None

    def file_complete(self, file_size: int) -> Enclosure | None:
        if not self._is_mine:
            return None
        self._content.seek(0)
        file = Enclosure(
            file=self._content,
            field_name=self.field_name,
            name=self.file_name or "file",
            content_type=None,
            size=self._size,
            charset=None,
        )
        file.is_too_large = self._size > self._limits.each
        file.is_beyond_the_sum = self._together > self._limits.together
        return file

    def _fits(self) -> bool:
        return self._size <= self._limits.each and self._together <= self._limits.together
