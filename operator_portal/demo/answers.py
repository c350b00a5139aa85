"""Answers to requests for information in the demo: one that was given and can be taken, one that is ready to be looked
at by staff, one for the post."""

from datetime import timedelta

from operator_portal.demo.desk import Stage
from subject_requests import services as requests
from subject_requests.answers import giving, making
from subject_requests.kinds import Channel, Identity, RequestKind
from subject_requests.models import AnswerSet, Request


def play(stage: Stage) -> None:
    asked = requests.file_request(
        subject_id=stage.anna.subject_id, kinds=[RequestKind.ACCESS],
        text="Пришлите, пожалуйста, все сведения по статье 14.", language="ru",
        actor=stage.anna.actor, at=stage.ago(5),
    )  # fmt: skip
    made = _made(asked, stage, days=4)
    giving.attach(answer_id=made.pk, actor=stage.staff.actor, at=stage.ago(3))
    requests.answer(
        request_id=asked.pk, text="Сведения составлены и лежат на странице вашего обращения.",
        actor=stage.staff.actor, at=stage.ago(3),
    )  # fmt: skip
    by_post = requests.file_request(
        subject_id=stage.others[8].subject_id, kinds=[RequestKind.ACCESS],
        text="Прошу письменно сообщить, какие мои данные вы обрабатываете.", language="ru",
        channel=Channel.POST, identity=Identity.DOCUMENT, paper=requests.Paper(place="Папка 4, полка 2", sheets=2),
        actor=stage.staff.actor, at=stage.ago(4), entered_at=stage.ago(3),
    )  # fmt: skip
    _made(by_post, stage, days=2)


def _made(request: Request, stage: Stage, *, days: int) -> AnswerSet:
    requests.take(request_id=request.pk, actor=stage.staff.actor, at=stage.ago(days))
    at = stage.ago(days) + timedelta(hours=1)
    made = making.ask_for(request_id=request.pk, actor=stage.staff.actor, at=at)
    making.make(made.pk, at=at)
    return made
