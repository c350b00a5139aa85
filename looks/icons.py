# ruff: noqa: E501  (a drawing has no line breaks)
"""The portal's icons: our own drawings on a 24-unit grid, stroked with the text's colour.

They are written into the page rather than fetched, so that they print, follow the theme and need no request.
"""

from types import MappingProxyType

_PATHS = {
    "alert": "M12 4 2.8 19.5h18.4z M12 10v4.5 M12 17.2v.1",
    "archive": "M4 8.5h16V20H4z M3 4h18v4.5H3z M10 12.5h4",
    "arrow": "M4.5 12h15 M13.5 6l6 6-6 6",
    "ban": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M5.7 5.7l12.6 12.6",
    "bell": "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15z M10 21h4",
    "calendar": "M4 6h16v14.5H4z M4 10.5h16 M8.5 3v5 M15.5 3v5",
    "check": "M5 12.5l4.5 4.5L19.5 7",
    "check-circle": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M8 12.3l2.8 2.8L16 9.5",
    "chevron": "M6 9.5l6 6 6-6",
    "clock": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M12 7.5V12l3.5 2",
    "consent": "M6 3h8.5L19 7.5V21H6z M14 3v5h5 M9 14.5l2.2 2.2 4.3-4.4",
    "cookie": "M12 3a9 9 0 1 0 9 9 3.5 3.5 0 0 1-4-4 3.5 3.5 0 0 1-5-5z M8.5 10v.1 M8.8 15.5v.1 M14.5 15.8v.1 M12.5 12v.1",
    "door": "M6 21V4h12v17 M3.5 21h17 M14.5 12.5v.1",
    "download": "M12 4v11.5 M7 11l5 5 5-5 M4.5 20.5h15",
    "edit": "M4 20l1-4.5L16.5 4 20 7.5 8.5 19z M14 6.5l3.5 3.5",
    "external": "M13.5 4.5h6v6 M19.5 4.5 11 13 M17 14v5.5H4.5V7H10",
    "eye": "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z M12 9.3a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4z",
    "eye-off": "M4 4l16 16 M9.5 5.9A9 9 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a17 17 0 0 1-3 3.7 M6 8a17 17 0 0 0-3.5 4S6 18.5 12 18.5a9 9 0 0 0 3.7-.8",
    "file": "M6 3h8.5L19 7.5V21H6z M14 3v5h5 M9 12.5h7 M9 16.5h5",
    "globe": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M3.3 12h17.4 M12 3c3 3 3.5 6 3.5 9s-.5 6-3.5 9c-3-3-3.5-6-3.5-9S9 6 12 3z",
    "history": "M4 12a8 8 0 1 1 2.5 5.8 M4 19v-4.5h4.5 M12 8v4.5l3 1.8",
    "home": "M4 11.5 12 4l8 7.5 M6 10v10h12V10 M10 20v-5.5h4V20",
    "inbox": "M4 13.5 6.5 5h11L20 13.5V20H4z M4 13.5h4.5a3.5 3.5 0 0 0 7 0H20",
    "info": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M12 11v5.5 M12 7.7v.1",
    "key": "M10.5 12a3.75 3.75 0 1 0 0 .1z M10.5 12H21 M17.5 12v3.5 M14.5 12v2.5",
    "list": "M8.5 6.5h11.5 M8.5 12h11.5 M8.5 17.5h11.5 M4.5 6.5v.1 M4.5 12v.1 M4.5 17.5v.1",
    "lock": "M5.5 11h13v9.5h-13z M8.5 11V8a3.5 3.5 0 0 1 7 0v3 M12 15v2",
    "mail": "M3.5 5.5h17v13h-17z M4 6.5l8 6.5 8-6.5",
    "menu": "M4 7h16 M4 12h16 M4 17h16",
    "receipt": "M6 3.5h12V20.5l-2-1.5-2 1.5-2-1.5-2 1.5-2-1.5-2 1.5z M9 8.5h6 M9 12.5h6",
    "refresh": "M19.5 12a7.5 7.5 0 0 1-13.7 4.3 M4.5 12A7.5 7.5 0 0 1 18.2 7.7 M18.5 4v4h-4 M5.5 20v-4h4",
    "request": "M4 4.5h16v12H11l-4.5 4v-4H4z M8 9h8 M8 12.5h5",
    "scales": "M12 4v16 M8 20h8 M5 7h14 M5 7l-2.5 6.5a2.7 2.7 0 0 0 5 0z M19 7l-2.5 6.5a2.7 2.7 0 0 0 5 0z",
    "search": "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z M15.5 15.5 20.5 20.5",
    "shield": "M12 3 4.5 6v5.5c0 4.5 3 7.7 7.5 9.5 4.5-1.8 7.5-5 7.5-9.5V6z M8.5 12l2.5 2.5 4.5-5",
    "subscription": "M3.5 6h17v12.5h-17z M3.5 10h17 M7 15h4",
    "trash": "M4.5 6.5h15 M9.5 6.5V4h5v2.5 M6.5 6.5l1 14h9l1-14 M10.3 10.5v6 M13.7 10.5v6",
    "user": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8z M4.5 20.5c.7-4 3.6-6 7.5-6s6.8 2 7.5 6",
    "users": "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z M2.5 19.5c.5-3.5 3-5 6.5-5s6 1.5 6.5 5 M15.5 5.3a3.5 3.5 0 0 1 0 6.4 M18 15c2 .7 3.2 2.2 3.5 4.5",
    "withdraw": "M6 3h8.5L19 7.5V21H6z M14 3v5h5 M9.5 12.5l5 5 M14.5 12.5l-5 5",
}  # fmt: skip

ICONS = MappingProxyType(_PATHS)
