"""The versions of the policy as an Atom feed, for whoever does not want to look every day."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from consent.differences import between
from consent.models import PolicyVersion
from looks.templatetags.looks import DATE_FORMATS
from profiles import current

NEWEST = 50


class PolicyFeed(Feed[PolicyVersion, None]):
    feed_type = Atom1Feed

    def __init__(self, language: str) -> None:
        self.language = self.reads = language

    def title(self) -> str:
        operator = current().operator.short_name.in_language(self.reads)
        return _("Versions of the policy: %(operator)s") % {"operator": operator}

    def subtitle(self) -> str:
        return _("What changed in the personal data policy, clause by clause")

    def link(self) -> str:
        return settings.BASE_URL + reverse("privacy:history")

    def feed_url(self) -> str:
        return settings.BASE_URL + reverse("privacy:feed_in", args=[self.reads])

    def feed_guid(self) -> str:
        """Each language is a feed of its own."""
        return self.feed_url()

    def author_name(self) -> str:
        return current().operator.name.in_language(self.reads)

    def items(self) -> list[PolicyVersion]:
        return list(PolicyVersion.objects.order_by("-number")[:NEWEST])

    def item_title(self, item: PolicyVersion) -> str:
        return _("Version %(number)s, in force from %(day)s") % {
            "number": item.number,
            "day": date_format(item.effective_on, DATE_FORMATS[self.reads]),
        }

    def item_description(self, item: PolicyVersion) -> str:
        before = PolicyVersion.objects.filter(number=item.number - 1).first()
        if before is None:
            return _("The first version.")
        found = between(before.document.in_language(self.reads), item.document.in_language(self.reads))
        words = _("Changed: %(changed)s, added: %(added)s, removed: %(removed)s.") % {
            "changed": found.changed,
            "added": found.added,
            "removed": found.removed,
        }
        marks = ", ".join(mark for mark in found.marks if mark)
        return " ".join([words, _("Clauses: %(marks)s.") % {"marks": marks}]) if marks else words

    def item_link(self, item: PolicyVersion) -> str:
        """With what it changed, where there was one before."""
        if item.number == 1:
            return settings.BASE_URL + reverse("privacy:version", args=[item.number])
        return f"{settings.BASE_URL}{reverse('privacy:history')}?from={item.number - 1}&to={item.number}"

    def item_guid(self, item: PolicyVersion) -> str:
        """Where this text of this version stands for ever. Not its hash: a translation may be the same in two."""
        return settings.BASE_URL + reverse("privacy:policy_text", args=[item.number, self.reads])

    def item_pubdate(self, item: PolicyVersion) -> datetime:
        return item.published_at

    def item_updateddate(self, item: PolicyVersion) -> datetime:
        return item.published_at

    def get_feed(self, obj: None, request: Any) -> Any:
        with translation.override(self.reads):
            return super().get_feed(obj, request)
