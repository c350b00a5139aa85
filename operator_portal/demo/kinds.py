"""The demo's advertising mail. Names only: they are needed before any model is there."""

from typing import Final

NEWS: Final = "portal_news"
NEWS_PURPOSE: Final = "ads"
