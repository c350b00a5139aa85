"""Runs as a program of its own, started by pictures.py: a picture comes in, its pixels go out. It knows no portal.

Before the first byte of the picture is looked at, the process gives up what it could do harm with: it can open no file
and no connection, start no program, use no more than its share of memory and of time."""

import io
import resource
import sys
import warnings
from importlib import import_module

MEMORY = 640 * 1024 * 1024
SECONDS = 10
QUALITY = 90
TOO_LARGE, NOT_A_PICTURE = 3, 4


def main() -> int:
    most_pixels, wanted = int(sys.argv[1]), sys.argv[2]
    content = sys.stdin.buffer.read()
    from PIL import Image, ImageFile, ImageOps

    for module in ("Jpeg", "Mpo", "Png", "Tiff", "WebP"):  # while a file can be opened
        import_module(f"PIL.{module}ImagePlugin")
    _give_up_everything_else()
    Image._initialized = 2  # noqa: SLF001  else Pillow would look for plugins of all formats, in files
    Image.MAX_IMAGE_PIXELS = most_pixels
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(content), formats=[wanted]) as picture:
            if picture.width * picture.height > most_pixels:
                return TOO_LARGE
            ImageOps.exif_transpose(picture, in_place=True)
            _write(picture, wanted)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return TOO_LARGE
    except Exception:  # noqa: BLE001  whatever a decoder trips over: the file is not a picture to us
        return NOT_A_PICTURE
    return 0


def _give_up_everything_else() -> None:
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_NOFILE, 0),  # what is open stays open: the two pipes
    ):
        resource.setrlimit(limit, (value, value))


def _write(picture, wanted) -> None:  # type: ignore[no-untyped-def]  # Pillow is imported late
    """A new picture of the same pixels: profiles, places, texts and thumbnails stay behind."""
    from PIL import Image

    has_alpha = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    mode = "RGBA" if has_alpha and wanted != "JPEG" else "L" if picture.mode in {"1", "L", "I;16"} else "RGB"
    clean = Image.new(mode, picture.size)
    clean.paste(picture if picture.mode == mode else picture.convert(mode))
    made = io.BytesIO()
    if wanted == "PNG" or mode == "RGBA":
        clean.save(made, "PNG", compress_level=6)
    else:
        clean.save(made, "JPEG", quality=QUALITY)
    sys.stdout.buffer.write(made.getvalue())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
