"""The one settings module: every place runs these lines, the environment says which place it is."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from operator_portal.database import connection_settings
from operator_portal.environment import ROOT, Environment

django_stubs_ext.monkeypatch()
environment = Environment()

# --- the place -------------------------------------------------------------------------------------------------------
PORTAL_HOME = environment.home
FILES_DIR = PORTAL_HOME / "files"
DEMO = environment.flag("DEMO", default=False)
DEBUG = environment.flag("DEBUG", default=False)
SECRET_KEY = environment.required("SECRET_KEY")
KEYRING = environment.required("KEYRING")
ALLOWED_HOSTS = environment.names("ALLOWED_HOSTS")
BASE_URL = environment.required("BASE_URL").rstrip("/")
OPERATOR_PROFILE = environment.required("OPERATOR_PROFILE")
OPERATOR_TIME_ZONE = environment.text("OPERATOR_TIME_ZONE", default="Europe/Moscow")
# A run of destruction over both of these waits until two people agree (retention/guard.py).
DESTRUCTION_GUARD_PEOPLE = environment.number("DESTRUCTION_GUARD_PEOPLE", default=100)
DESTRUCTION_GUARD_PERCENT = environment.number("DESTRUCTION_GUARD_PERCENT", default=10)
#: shown by whoever reads /metrics; empty: there is no such page
METRICS_TOKEN = environment.text("METRICS_TOKEN", default="")
TRUSTED_PROXIES = environment.number("TRUSTED_PROXIES", default=0)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "looks.errors.csrf_failure"
IS_HTTPS = urlsplit(BASE_URL).scheme == "https"
# Only the worker is told the key that signs checkpoints of the log; LOG_ORIGIN counts once, when the first is signed.
LOG_SIGNING_KEY = environment.text("LOG_SIGNING_KEY", default="")
LOG_ORIGIN = environment.text("LOG_ORIGIN", default=urlsplit(BASE_URL).netloc + "/log")
LOG_SIGNER_DIR = PORTAL_HOME / "signer"
# When /readyz complains of the sequencer and of the signer.
LOG_IN_THE_TREE_WITHIN, LOG_SIGNED_WITHIN = timedelta(minutes=2), timedelta(minutes=5)
ROOT_URLCONF = "operator_portal.urls"
WSGI_APPLICATION = "operator_portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- rooms, lowest floor first (design: docs/architecture.md) ---------------------------------------------------------
ROOMS = [
    "access",
    "looks",
    "law",
    "processing_log",
    "profiles",
    "personal_data",
    "retention",
    "backups",
    "notifications",
    "systems",
    "consent",
    "cookies",
    "accounts",
    "billing",
    "subject_requests",
    "governance",
    "operator_portal",
]
INSTALLED_APPS = [
    *reversed([f"{room}.apps.{''.join(word.title() for word in room.split('_'))}Config" for room in ROOMS]),
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cookies.middleware.CookieGateMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.ReauthenticationMiddleware",
    "access.middleware.AccessMiddleware",
    "personal_data.middleware.LockedMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "operator_portal.context.portal",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# --- database: the application is neither owner nor superuser ---------------------------------------------------------
# The pool is for the web server, which sets DATABASE_POOL itself; a command or a task keeps one connection.
DATABASES: dict[str, dict[str, Any]] = {
    "default": connection_settings(
        environment.required("DATABASE_URL"), pool=environment.flag("DATABASE_POOL", default=False)
    )
}
DATABASE_APP_ROLE = "portal_app"

# --- uploads: in memory until they are sealed; what is larger never reaches a disk of ours ---------------------------
FILE_UPLOAD_HANDLERS = [
    "subject_requests.intake.uploads.EnclosureHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
]
FILE_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
ATTACHMENTS_COUNT = environment.number("ATTACHMENTS_COUNT", default=10)
ATTACHMENTS_EACH_MB = environment.number("ATTACHMENTS_EACH_MB", default=10)
ATTACHMENTS_TOGETHER_MB = environment.number("ATTACHMENTS_TOGETHER_MB", default=25)

# --- requests that come by mail: off until there is a mailbox ---------------------------------------------------------
INTAKE_IMAP_URL = environment.text("INTAKE_IMAP_URL", default="")
INTAKE_IMAP_DONE_FOLDER = environment.text("INTAKE_IMAP_DONE_FOLDER", default="")
INTAKE_MAIL_MOST_MB = environment.number("INTAKE_MAIL_MOST_MB", default=40)

# --- broker, cache, queues: ids only ----------------------------------------------------------------------------------
CELERY_BROKER_URL = environment.required("BROKER_URL")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Soft limit < limit < time after which the message of a lost worker is given to another one: none runs twice at once.
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 240, 300
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600, "unacked_restore_throttle": 1}
CELERY_BEAT_SCHEDULE_FILENAME = str(PORTAL_HOME / "run" / "beat")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": environment.required("CACHE_URL")}
}

# --- people -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/me/"
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=24).total_seconds())
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]

# Sessions are sealed rows of our own; messages stay in them, so that no further cookie is set.
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = (
    ("__Host-sessionid", "__Host-csrftoken") if IS_HTTPS else ("sessionid", "csrftoken")
)
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# allauth gets border tokens for addresses (accounts/border.py) and our outbox for its mail (accounts/adapter.py).
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 1
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = int(timedelta(minutes=5).total_seconds())
#: besides allauth's own; what access.floods guards
ACCOUNT_RATE_LIMITS = {
    "verify_receipt": "60/10m/ip",
    "choose_cookies": "60/10m/ip",
    "guest_request": "20/h/ip",
    "guest_pass": "60/10m/ip",
}
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignupForm",
    "login": "accounts.forms.LoginForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "add_email": "accounts.forms.ChangeAddressForm",
}
MFA_ADAPTER = "accounts.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
# A change of address that waits for its confirmation must not stand in the way of a second factor, nor the reverse.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {"add_webauthn": "accounts.forms.AddPasskeyForm", "edit_webauthn": "accounts.forms.EditPasskeyForm"}

# Guessing is slowed down by account, in memory, for a quarter of an hour; nobody is locked out for good.
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_LOCKOUT_CALLABLE = "looks.errors.too_many_requests"
AXES_USERNAME_CALLABLE = "accounts.guessing.username"
AXES_CLIENT_IP_CALLABLE = "accounts.guessing.no_address"
AXES_CLIENT_STR_CALLABLE = "accounts.guessing.somebody"
AXES_SENSITIVE_PARAMETERS = ["username", "login", "email", "ip_address"]
AXES_VERBOSE = AXES_ENABLE_ADMIN = AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # it asks for the address of the machine as a parameter of the pause
# Behind the layer that hides addresses, and no forwarding header is believed.
REST_FRAMEWORK: dict[str, Any] = {
    "NUM_PROXIES": 0,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Operator Portal",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "RequestKind": "subject_requests.kinds.RequestKind.choices",
        "RequestState": "subject_requests.kinds.State.choices",
        "MessageKind": "subject_requests.kinds.MessageKind.choices",
        "AttachmentContent": "subject_requests.intake.content.Content.choices",
    },
}
QUESTIONS_SETTLE_LATER = True

# --- words ------------------------------------------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = OPERATOR_TIME_ZONE
CELERY_TIMEZONE = OPERATOR_TIME_ZONE
LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS: list[str] = []
FORMAT_MODULE_PATH = "looks.formats"

# --- files, mail ------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = PORTAL_HOME / "static"
MAIL: dict[str, Any] = environment.env.email_url_config(environment.required("EMAIL_URL"))
if MAIL["EMAIL_BACKEND"].endswith("filebased.EmailBackend"):  # filemail:///folder: one file a mail, for its owner only
    MAIL["EMAIL_BACKEND"] = "notifications.spool.SpoolBackend"
    # django-environ takes the first slash away
    MAIL["EMAIL_FILE_PATH"] = urlsplit(environment.required("EMAIL_URL")).path
vars().update(MAIL)
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", default="portal@example.org")

# --- the browser is told ----------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS

# --- what is written down about the running of the portal: codes and ids ----------------------------------------------
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"discreet": {"()": "operator_portal.log_lines.DiscreetFormatter"}},
    "filters": {"route": {"()": "operator_portal.log_lines.RouteInsteadOfPath"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "discreet", "filters": ["route"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # Django's own set-up would write paths and mail exceptions.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "axes": {"level": "WARNING"},
    },
}
