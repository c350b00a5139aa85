"""The triggers of the sealed tables, generated from the data map and reinstalled after each migration.

Statement-level with transition tables: a change of many rows is one log statement. Each refuses what was not declared,
whoever connects, and writes one event per changed row.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

from personal_data import data_map
from personal_data.models import PersonalModel

COMMON: Final = """
CREATE OR REPLACE FUNCTION public.portal_declare(actor_kind text, actor_id text, purpose text, basis text, system text,
    reason text, context text, on_blocked text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('portal.actor_kind', actor_kind, true), set_config('portal.actor_id', actor_id, true),
            set_config('portal.purpose', purpose, true), set_config('portal.basis', basis, true),
            set_config('portal.system', system, true), set_config('portal.reason', reason, true),
            set_config('portal.context', context, true), set_config('portal.on_blocked', on_blocked, true);
    RETURN '';
END $$;

CREATE OR REPLACE FUNCTION public.portal_refuse_undeclared(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'undeclared processing of personal data: no %', name USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE FUNCTION public.portal_refuse_closed(state int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF state = 2 THEN
        RAISE EXCEPTION 'the subject is destroyed' USING ERRCODE = 'PDGON';
    END IF;
    IF coalesce(current_setting('portal.on_blocked', true), '') <> 'yes' THEN
        RAISE EXCEPTION 'the subject is blocked' USING ERRCODE = 'PDBLK';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION public.portal_refuse_move() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a sealed row keeps its id and its subject' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE FUNCTION public.portal_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a table with personal data is never truncated' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE FUNCTION public.portal_guard_subject() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a subject is destroyed, never deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.destroyed_at IS NOT NULL THEN
        RAISE EXCEPTION 'a destroyed subject does not change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.id <> OLD.id OR NEW.kind <> OLD.kind THEN
        RAISE EXCEPTION 'a subject keeps its reference and kind' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER subject_guard BEFORE UPDATE OR DELETE ON vault.personal_data_subject
    FOR EACH ROW EXECUTE FUNCTION public.portal_guard_subject();
ALTER TABLE vault.personal_data_subject ENABLE ALWAYS TRIGGER subject_guard;
"""

# What is asked of every single change has to cost little: settings are read without a function around them, what is
# wrong is found by one query and said by a function of its own, and all events of a statement are one INSERT.
# Nested loops are off because a plan that was made for one row would make a change of 100,000 quadratic.
_FUNCTION: Final = """
CREATE OR REPLACE FUNCTION {table}_{name}() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
<<declared>>
DECLARE
    actor_kind text := current_setting('portal.actor_kind', true);
    actor_id text := coalesce(current_setting('portal.actor_id', true), '');
    purpose text := current_setting('portal.purpose', true);
    basis text := current_setting('portal.basis', true);
    system text := current_setting('portal.system', true);
    reason text := coalesce(current_setting('portal.reason', true), '');
    context text := current_setting('portal.context', true);
    state int;
    moved bigint;
BEGIN
    IF (actor_kind <> '' AND purpose <> '' AND basis <> '' AND system <> '' AND context <> '') IS NOT TRUE THEN
        PERFORM public.portal_refuse_undeclared(CASE WHEN actor_kind <> '' THEN 'purpose' ELSE 'actor_kind' END);
    END IF;
    IF coalesce(current_setting('portal.on_blocked', true), '') = 'yes' THEN
        SELECT {look} INTO state, moved FROM {rows};
    ELSE
        SELECT {locked_look} INTO state, moved FROM {rows};
    END IF;
    IF state > 0 THEN
        PERFORM public.portal_refuse_closed(state);
    END IF;
    IF moved > 0 THEN
        PERFORM public.portal_refuse_move();
    END IF;
    INSERT INTO public.processing_log_event
        (actor_kind, actor_id, purpose, basis, system, reason, context, operation, fact, subject, categories)
    {events};
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER sealed_{name} AFTER {event} ON {table}
    REFERENCING {transition} FOR EACH STATEMENT EXECUTE FUNCTION {table}_{name}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER sealed_{name};
"""

# 2 destroyed, 1 blocked, 0 open. A subquery, because a join might be planned as a scan of all subjects. Whoever may
# not work on blocked data holds the subject's row until the commit: a block waits for them, and they for a block.
_STATE: Final = """max((SELECT
        CASE WHEN s.destroyed_at IS NOT NULL THEN 2 WHEN s.blocked_at IS NOT NULL THEN 1 ELSE 0 END
        FROM vault.personal_data_subject s WHERE s.id = {alias}.subject_id{locked}))"""

_EVENTS: Final = """SELECT declared.actor_kind, declared.actor_id, declared.purpose, declared.basis, declared.system,
        declared.reason, declared.context::uuid, e.operation, '', {alias}.subject_id, e.categories
    FROM {rows} CROSS JOIN LATERAL (VALUES {values}) e (operation, categories)
    WHERE e.categories <> '{{}}'"""


def statements(present: set[str]) -> Iterator[str]:
    """For the tables that are present: after a migration to an older state some are not."""
    yield COMMON
    for model in data_map.sealed_models():
        if model._meta.db_table in present:
            yield from of_model(model)


def of_model(model: type[PersonalModel]) -> Iterator[str]:
    """The three triggers of one table, and the one that refuses TRUNCATE."""
    table = model._meta.db_table
    filled = "{alias}.{column} IS NOT NULL"
    yield _FUNCTION.format(
        table=table, name="insert", event="INSERT", transition="NEW TABLE AS new_rows",
        **_looks("n", ", 0"), rows="new_rows n",
        events=_events("n", "new_rows n", {"'record'": _categories(model, filled, "n")}),
    )  # fmt: skip
    pairs = "new_rows n JOIN old_rows o USING (id, subject_id)"
    changed = _categories(model, "{alias}.{column} IS DISTINCT FROM o.{column} AND {alias}.{column} IS NOT NULL", "n")
    removed = _categories(model, "{alias}.{column} IS NULL AND o.{column} IS NOT NULL", "n")
    yield _FUNCTION.format(
        table=table, name="update", event="UPDATE", transition="NEW TABLE AS new_rows OLD TABLE AS old_rows",
        **_looks("n", ", count(*) - count(o.id)"), rows=pairs.replace("JOIN", "LEFT JOIN"),
        events=_events("n", pairs, {"'clarify'": changed, "'delete'": removed}),
    )  # fmt: skip
    destroyed = "CASE declared.purpose WHEN 'retention' THEN 'destroy' ELSE 'delete' END"
    yield _FUNCTION.format(
        table=table, name="delete", event="DELETE", transition="OLD TABLE AS old_rows",
        **_looks("o", ", 0"), rows="old_rows o",
        events=_events("o", "old_rows o", {destroyed: _categories(model, filled, "o")}),
    )  # fmt: skip
    yield (
        f"CREATE OR REPLACE TRIGGER sealed_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION public.portal_refuse_truncate();"
    )


def _looks(alias: str, moved: str) -> dict[str, str]:
    return {
        "look": _STATE.format(alias=alias, locked="") + moved,
        "locked_look": _STATE.format(alias=alias, locked=" FOR SHARE") + moved,
    }


def expected_bodies() -> dict[str, str]:
    """Function name → digest of its definition, for the check that the database holds what the models say."""
    return {f"{m._meta.db_table}_{n}": _digest(s) for m in data_map.sealed_models() for n, s in _named(m)}


def _named(model: type[PersonalModel]) -> list[tuple[str, str]]:
    return list(zip(("insert", "update", "delete"), of_model(model), strict=False))


def _digest(statement: str) -> str:
    body = statement.split("$$")[1]
    return hashlib.sha256(body.encode()).hexdigest()


def _events(alias: str, rows: str, categories: dict[str, str]) -> str:
    values = ", ".join(f"({operation}, {listed})" for operation, listed in categories.items())
    return _EVENTS.format(alias=alias, rows=rows, values=values)


def _categories(model: type[PersonalModel], test: str, alias: str) -> str:
    """SQL for the codes of the categories one of whose columns passes `test`."""
    tests: dict[str, list[str]] = {}
    for field in model.sealed_fields():
        tests.setdefault(field.category, []).append("(" + test.format(alias=alias, column=field.column) + ")")
    listed = (f"CASE WHEN {' OR '.join(parts)} THEN '{code}' END" for code, parts in sorted(tests.items()))
    return f"array_remove(ARRAY[{', '.join(listed)}]::text[], NULL)"
