from celery import shared_task

from law import clock
from retention import changing, destruction, ending, expiring, log_term, ordering, proof


@shared_task
def destroy_due() -> dict[str, int]:
    """Finds its work in the database: can be lost, repeated, or run twice at once."""
    changing.adopt(clock.now())
    changing.take_effect(clock.now())
    ending.end_purposes_given_up(clock.now())
    outcome = destruction.destroy_due(clock.now())
    ordered, failed = ordering.carry_out_due(clock.now())
    expired = expiring.destroy_expired(clock.now())
    return {
        "destroyed": outcome.destroyed, "failed": outcome.failed + failed, "parts": outcome.parts + ordered,
        "expired": expired.total(),
    }  # fmt: skip


@shared_task
def forget_old_proof() -> int:
    return proof.forget_old_proof()


@shared_task
def remove_old_log() -> int:
    return log_term.remove_old_log(clock.now())
