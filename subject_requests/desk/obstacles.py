"""What may stand in the way of an act, in words for whoever pressed the button."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.db import IntegrityError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from personal_data.errors import Destroyed
from retention.erasure import LeftBehind
from retention.ordering import NothingHeld
from retention.rules import NotForThisKind
from retention.values import NotAlone
from subject_requests import services, unlawful
from subject_requests.intake import papers

OBSTACLES: Final[Mapping[type[Exception], str | Promise]] = MappingProxyType(
    {
        papers.NobodyWithThisAddress: _("Nobody is held under exactly this address. Nothing was changed."),
        Destroyed: _("The person's data is destroyed; there is nobody to answer."),
        services.NotFree: _("Somebody else has taken this request, or it is closed."),
        services.NotInYourHands: _("Only the one who has taken the request closes it, and only once."),
        services.NotOpen: _("The request is closed."),
        services.NotProposed: _("No refusal waits any longer."),
        services.NotTheSecondPerson: _("A refusal is confirmed by somebody else; one of the two is a privacy officer."),
        services.NoMoreTime: _("The term cannot be made longer: it was, or it is over."),
        services.WhoIsIt: _(
            "It is not established who asks, or by what right. Check that first; nothing was disclosed."
        ),
        services.ProofMissing: _("A value needs proof: see the document first, then answer."),
        services.WhichConsents: _("Say first which consents the person withdraws."),
        services.WhichPart: _("Say first what is unlawful or not needed: which part of the data, or everything."),
        services.NothingChosen: _("Choose what is unlawful or not needed, or say that it is everything."),
        services.CopyGoesToo: _(
            "The copy that is chosen for this answer holds what is destroyed, and would go with it. Take it off the "
            "answer: the person sees what stays on their own page, and may take a copy there."
        ),
        NothingHeld: _("Something of what was chosen is not held any more: choose again. Nothing was destroyed."),
        NotAlone: _("This cannot be destroyed alone: without it there is no account. Choose everything, or leave it."),
        LeftBehind: _("Something else needs what was chosen: it could not be destroyed alone. Nothing was changed."),
        IntegrityError: _(
            "Something else needs what was chosen: it could not be destroyed alone. Nothing was changed."
        ),
        unlawful.FoundBefore: _("It was found here before, and made lawful. File what was found now as a new request."),
        services.OnlyKind: _("A request asks for something: add what it asks for, then drop the other."),
        services.CarriedOut: _("It was carried out already and is in force; it is no longer a guess."),
        services.NotKnownWhose: _("It is not established whose data it is."),
        services.NotYetFound: _("This day is still ahead."),
        unlawful.NotFound: _("No unlawful processing is noted here any longer."),
        NotForThisKind: _("No rule of the profile ends the data of people of this kind in this way."),
        services.WillBeDestroyed: _("The data will be destroyed; the block stays until then."),
        services.NobodyToWriteTo: _("No address is held that advertising could go to; write an answer all the same."),
        services.AlreadyAsked: _("A request to destroy everything is open already."),
        services.WrongNorm: _("This norm does not allow refusing what was asked."),
        services.NothingWritten: pgettext_lazy("request", "Words are needed."),
    }
)


def why_not(obstacle: Exception) -> str:
    return next(str(words) for kind, words in OBSTACLES.items() if isinstance(obstacle, kind))
