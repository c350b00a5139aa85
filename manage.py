#!/usr/bin/env python
"""The portal's command line."""

import os
import sys
from importlib import import_module

BEFORE_SETTINGS = ("services", "up")  # they bring up what the settings are read from


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "operator_portal.settings")
    if len(sys.argv) > 1 and sys.argv[1] in BEFORE_SETTINGS:
        import_module(f"operator_portal.management.commands.{sys.argv[1]}").Command().run_from_argv(sys.argv)
    else:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
