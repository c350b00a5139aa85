#!/usr/bin/env python3
"""Makes the folder secrets/ that docker-compose.yml reads. Needs nothing but Python; never overwrites.

The folder is closed to others (0700). The files in it are readable, because compose mounts them as they are and the
portal runs in its container under an account of its own. The keyring is not among them: the portal makes it at its
first start on its own volume, because its keys change (docs/keys.md).
"""

import argparse
import base64
import hashlib
import secrets
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "secrets"


def contents(mail: str) -> dict[str, str]:
    owner, app, backup, drill, redis = (secrets.token_urlsafe(32) for _ in range(5))
    return {
        "postgres_password": secrets.token_urlsafe(32),
        "portal_owner_password": owner,
        "portal_app_password": app,
        "portal_backup_password": backup,
        "portal_drill_password": drill,
        "database_backup_url": f"postgres://portal_backup:{backup}@postgres/portal",
        "database_drill_url": f"postgres://portal_drill:{drill}@postgres/portal_drill",
        "database_url": f"postgres://portal_app:{app}@postgres/portal",
        "database_owner_url": f"postgres://portal_owner:{owner}@postgres/portal",
        "broker_url": f"redis://portal:{redis}@redis:6379/0",
        "cache_url": f"redis://portal:{redis}@redis:6379/1",
        "redis_acl": "user default off\n"
        f"user portal on #{hashlib.sha256(redis.encode()).hexdigest()} ~* &* +@all -@admin\n",
        "secret_key": secrets.token_urlsafe(64),
        "log_signing_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "email_url": mail,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mail", required=True, help="where mail is handed in: smtp+tls://NAME:PASSWORD@HOST:587")
    options = parser.parse_args()
    if FOLDER.exists():
        print(f"{FOLDER} exists already; nothing was changed.", file=sys.stderr)
        return 1
    FOLDER.mkdir(mode=0o700)
    for name, content in contents(options.mail).items():
        (FOLDER / name).write_text(content)
        (FOLDER / name).chmod(0o444)
    print(f"Made {FOLDER}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
