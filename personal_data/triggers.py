"""The triggers of the sealed tables, generated from the data map and reinstalled after each migration.

Statement-level with transition tables: a change of many rows is one log statement. Each refuses what was not declared,
whoever connects, and writes one event per changed row; where people are destroyed, one per person and statement.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

from personal_data import data_map
from personal_data.fields import SealedFileField
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
    IF state = 3 THEN
        RAISE EXCEPTION 'sealed under a key that is no longer the subject''s' USING ERRCODE = 'PDKEY';
    END IF;
    IF coalesce(current_setting('portal.on_blocked', true), '') <> 'yes' THEN
        RAISE EXCEPTION 'the subject is blocked' USING ERRCODE = 'PDBLK';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION public.portal_refuse_move() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a sealed row keeps its id and its subject' USING ERRCODE = 'insufficient_privilege';
END $$;

-- by its first byte a sealed value says the number of the key it was sealed under; NULL says nothing
CREATE OR REPLACE FUNCTION public.portal_key_of(sealed bytea) RETURNS int LANGUAGE sql IMMUTABLE
    RETURN get_byte(substring(sealed FROM 1 FOR 1), 0);

CREATE OR REPLACE FUNCTION public.portal_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a table with personal data is never truncated' USING ERRCODE = 'insufficient_privilege';
END $$;

-- another key is given by a declared act of retention alone, and never without an entry in the log: it is what allows
-- this transaction to write sealed values anew that mean the same
CREATE OR REPLACE FUNCTION public.portal_guard_new_key(subject uuid, follows boolean) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('portal.purpose', true), '') <> 'retention'
            OR coalesce(current_setting('portal.context', true), '') = '' THEN
        PERFORM public.portal_refuse_undeclared('purpose that gives a new key');
    END IF;
    IF follows IS NOT TRUE THEN
        RAISE EXCEPTION 'keys of a subject are numbered one after the other' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO public.processing_log_event
        (actor_kind, actor_id, purpose, basis, system, reason, context, operation, fact, subject, categories)
    VALUES (current_setting('portal.actor_kind'), coalesce(current_setting('portal.actor_id', true), ''),
        current_setting('portal.purpose'), current_setting('portal.basis'), current_setting('portal.system'),
        coalesce(current_setting('portal.reason', true), ''), current_setting('portal.context')::uuid,
        '', 'sealed_anew', subject, '{}');
END $$;

-- What people lose by a destruction is noted by person and table, and entered in the log as one event a person. That is
-- done when constraints are checked, at the latest at the commit: the application can neither leave it out nor take a
-- line back.
CREATE OR REPLACE FUNCTION public.portal_enter_losses() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.processing_log_event
        (actor_kind, actor_id, purpose, basis, system, reason, context, operation, fact, subject, categories)
    SELECT g.actor_kind, g.actor_id, g.purpose, g.basis, g.system, g.reason, g.context, 'destroy', g.fact,
        lost.subject, lost.categories
    FROM pg_temp.portal_losing g CROSS JOIN (
        SELECT o.subject, array_agg(DISTINCT c.code ORDER BY c.code) AS categories
        FROM pg_temp.portal_loss o CROSS JOIN LATERAL unnest(o.categories) AS c (code) GROUP BY o.subject) lost;
    DELETE FROM pg_temp.portal_losing;
END $$;

CREATE OR REPLACE FUNCTION public.portal_losses_entered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.portal_enter_losses();
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public.portal_note_losses(fact text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF to_regclass('pg_temp.portal_losing') IS NULL THEN
        CREATE TEMPORARY TABLE portal_losing (
            actor_kind text, actor_id text, purpose text, basis text, system text, reason text, context uuid, fact text
        ) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE portal_loss (
            subject uuid, place text, rows bigint, categories text[], files uuid[]
        ) ON COMMIT DELETE ROWS;
        GRANT SELECT ON pg_temp.portal_losing TO portal_app;
        GRANT SELECT, INSERT ON pg_temp.portal_loss TO portal_app;
        CREATE CONSTRAINT TRIGGER portal_losses_entered AFTER INSERT ON pg_temp.portal_losing
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.portal_losses_entered();
        ALTER TABLE pg_temp.portal_losing ENABLE ALWAYS TRIGGER portal_losses_entered;
    ELSE
        PERFORM public.portal_enter_losses();
        DELETE FROM pg_temp.portal_loss;
    END IF;
    IF (current_setting('portal.purpose', true), current_setting('portal.on_blocked', true))
            IS DISTINCT FROM ('retention', 'yes') THEN
        RAISE EXCEPTION 'only what retention destroys is noted as a loss' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SET CONSTRAINTS pg_temp.portal_losses_entered DEFERRED;
    INSERT INTO pg_temp.portal_losing VALUES (
        current_setting('portal.actor_kind'), current_setting('portal.actor_id'), current_setting('portal.purpose'),
        current_setting('portal.basis'), current_setting('portal.system'), current_setting('portal.reason'),
        current_setting('portal.context')::uuid, fact);
END $$;
REVOKE ALL ON FUNCTION public.portal_note_losses(text), public.portal_enter_losses() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.portal_note_losses(text), public.portal_enter_losses() TO portal_app;

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
    IF NEW.key_number <> OLD.key_number THEN
        PERFORM public.portal_guard_new_key(
            NEW.id, NEW.key_number = OLD.key_number % 255 + 1 AND NEW.wrapped_key <> OLD.wrapped_key);
        NEW.rekeyed_at := now();
    ELSIF NEW.rekeyed_at IS DISTINCT FROM OLD.rekeyed_at THEN
        RAISE EXCEPTION 'the moment of a new key is its transaction''s' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.epoch_id <> OLD.epoch_id THEN
        PERFORM FROM vault.personal_data_keyepoch e
            WHERE e.number = NEW.epoch_id AND e.retired_at IS NULL FOR KEY SHARE;
        IF NOT FOUND OR NEW.epoch_id < OLD.epoch_id THEN
            RAISE EXCEPTION 'a key is wrapped anew under a later epoch that is in use' USING ERRCODE = 'PDEPO';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER subject_guard BEFORE UPDATE ON vault.personal_data_subject FOR EACH ROW
    WHEN (OLD.destroyed_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.epoch_id <> OLD.epoch_id
        OR NEW.key_number <> OLD.key_number OR NEW.rekeyed_at IS DISTINCT FROM OLD.rekeyed_at)
    EXECUTE FUNCTION public.portal_guard_subject();
ALTER TABLE vault.personal_data_subject ENABLE ALWAYS TRIGGER subject_guard;
CREATE OR REPLACE TRIGGER subject_stays BEFORE DELETE ON vault.personal_data_subject
    FOR EACH ROW EXECUTE FUNCTION public.portal_guard_subject();
ALTER TABLE vault.personal_data_subject ENABLE ALWAYS TRIGGER subject_stays;

-- nobody new under an epoch that is over: waits for one that is being retired, and holds back one that would be
CREATE OR REPLACE FUNCTION public.portal_guard_new_subject() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM vault.personal_data_keyepoch e
        WHERE e.number IN (SELECT n.epoch_id FROM new_rows n) AND e.retired_at IS NULL FOR KEY SHARE;
    IF EXISTS (SELECT FROM new_rows n WHERE n.destroyed_at IS NULL AND NOT EXISTS (
            SELECT FROM vault.personal_data_keyepoch e WHERE e.number = n.epoch_id AND e.retired_at IS NULL)) THEN
        RAISE EXCEPTION 'the epoch of the key is over' USING ERRCODE = 'PDEPO';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER subject_guard_new AFTER INSERT ON vault.personal_data_subject
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.portal_guard_new_subject();
ALTER TABLE vault.personal_data_subject ENABLE ALWAYS TRIGGER subject_guard_new;

-- an epoch is retired when nobody living depends on its key, and never comes back
CREATE OR REPLACE FUNCTION public.portal_guard_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'an epoch of the keys is never deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (NEW.number, NEW.keyring_id, NEW.canary, NEW.opened_at) IS DISTINCT FROM
            (OLD.number, OLD.keyring_id, OLD.canary, OLD.opened_at)
            OR (OLD.retired_at IS NOT NULL AND NEW.retired_at IS DISTINCT FROM OLD.retired_at)
            OR (OLD.destroyed_at IS NOT NULL AND NEW.destroyed_at IS DISTINCT FROM OLD.destroyed_at) THEN
        RAISE EXCEPTION 'an epoch of the keys goes on and never back' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.retired_at IS NULL AND NEW.retired_at IS NOT NULL THEN
        PERFORM FROM vault.personal_data_keyepoch e WHERE e.number = OLD.number FOR UPDATE;
        IF EXISTS (SELECT FROM vault.personal_data_subject s
                   WHERE s.epoch_id = OLD.number AND s.destroyed_at IS NULL) THEN
            RAISE EXCEPTION 'keys of the living depend on this epoch' USING ERRCODE = 'check_violation';
        END IF;
        IF NOT EXISTS (SELECT FROM vault.personal_data_keyepoch e
                       WHERE e.number > OLD.number AND e.retired_at IS NULL) THEN
            RAISE EXCEPTION 'the last epoch of the keys stays' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER epoch_guard BEFORE UPDATE OR DELETE ON vault.personal_data_keyepoch
    FOR EACH ROW EXECUTE FUNCTION public.portal_guard_epoch();
ALTER TABLE vault.personal_data_keyepoch ENABLE ALWAYS TRIGGER epoch_guard;
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
    sealing_anew boolean;
BEGIN
    IF (actor_kind <> '' AND purpose <> '' AND basis <> '' AND system <> '' AND context <> '') IS NOT TRUE THEN
        PERFORM public.portal_refuse_undeclared(CASE WHEN actor_kind <> '' THEN 'purpose' ELSE 'actor_kind' END);
    END IF;
    {losses}IF coalesce(current_setting('portal.on_blocked', true), '') = 'yes' THEN
        SELECT {look} INTO state, moved FROM {rows};
    ELSE
        SELECT {locked_look} INTO state, moved FROM {rows};
    END IF;
    IF state >= 10 THEN
        PERFORM public.portal_refuse_closed(state / 10);
    END IF;
    sealing_anew := state % 10 = 1;
    IF moved > 0 THEN
        PERFORM public.portal_refuse_move();
    END IF;
    {destruction}INSERT INTO public.processing_log_event
        (actor_kind, actor_id, purpose, basis, system, reason, context, operation, fact, subject, categories)
    {events};
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER sealed_{name} AFTER {event} ON {table}
    REFERENCING {transition} FOR EACH STATEMENT EXECUTE FUNCTION {table}_{name}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER sealed_{name};
"""

# 30 sealed under another key than the subject's, 20 destroyed, 10 blocked, 0 open; one more where this transaction gave
# them another key. A subquery, because a join might be planned as a scan of all subjects. Whoever may not work on
# blocked data holds the subject's row until the commit: a block waits for them, and they for a block.
_STATE: Final = """max((SELECT
        CASE WHEN s.destroyed_at IS NOT NULL THEN 20 WHEN {other_key} THEN 30 WHEN s.blocked_at IS NOT NULL THEN 10
        ELSE 0 END + CASE WHEN s.rekeyed_at = now() THEN 1 ELSE 0 END
        FROM vault.personal_data_subject s WHERE s.id = {alias}.subject_id{locked}))"""

_EVENTS: Final = """SELECT declared.actor_kind, declared.actor_id, declared.purpose, declared.basis, declared.system,
        declared.reason, declared.context::uuid, e.operation, '', {alias}.subject_id, e.categories
    FROM {rows} CROSS JOIN LATERAL (VALUES {values}) e (operation, categories)
    WHERE e.categories <> '{{}}'"""

# A destruction takes rows by the thousand: what each person loses of a table is one line, until all of it is entered in
# the log. They were locked before, alive, and may be blocked. Whatever else retention deletes is entered at once.
_LOSSES: Final = """IF declared.purpose = 'retention' AND to_regclass('pg_temp.portal_losing') IS NOT NULL THEN
        IF EXISTS (SELECT FROM pg_temp.portal_losing g WHERE g.context = declared.context::uuid) THEN
            INSERT INTO pg_temp.portal_loss (subject, place, rows, categories, files)
            SELECT o.subject_id, '{label}', count(*), {categories}, {files} FROM old_rows o GROUP BY o.subject_id;
            RETURN NULL;
        END IF;
    END IF;
    """
_DESTRUCTION: Final = """IF declared.purpose = 'retention' THEN
        INSERT INTO public.processing_log_event
            (actor_kind, actor_id, purpose, basis, system, reason, context, operation, fact, subject, categories)
        SELECT declared.actor_kind, declared.actor_id, declared.purpose, declared.basis, declared.system,
            declared.reason, declared.context::uuid, 'destroy', '', e.subject_id, e.categories
        FROM (SELECT o.subject_id, {categories} AS categories FROM old_rows o GROUP BY o.subject_id) e
        WHERE e.categories <> '{{}}';
        RETURN NULL;
    END IF;
    """


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
        **_looks("n", ", 0", _other_key(model, "{column} <> s.key_number")), rows="new_rows n",
        events=_events("n", "new_rows n", {"'record'": _categories(model, filled, "n")}), losses="", destruction="",
    )  # fmt: skip
    pairs = "new_rows n JOIN old_rows o USING (id, subject_id)"
    # what is sealed anew means the same, and is no change: of that the new key's own entry tells
    changed = _categories(
        model,
        "{alias}.{column} IS DISTINCT FROM o.{column} AND {alias}.{column} IS NOT NULL AND NOT (declared.sealing_anew "
        "AND o.{column} IS NOT NULL AND public.portal_key_of({alias}.{column}) <> public.portal_key_of(o.{column}))",
        "n",
    )
    written_anew = "n.{name} IS DISTINCT FROM o.{name} AND {column} <> s.key_number"
    removed = _categories(model, "{alias}.{column} IS NULL AND o.{column} IS NOT NULL", "n")
    yield _FUNCTION.format(
        table=table, name="update", event="UPDATE", transition="NEW TABLE AS new_rows OLD TABLE AS old_rows",
        **_looks("n", ", count(*) - count(o.id)", _other_key(model, written_anew)),
        rows=pairs.replace("JOIN", "LEFT JOIN"),
        events=_events("n", pairs, {"'clarify'": changed, "'delete'": removed}), losses="", destruction="",
    )  # fmt: skip
    lost = _categories(model, "bool_or({alias}.{column} IS NOT NULL)", "o")
    yield _FUNCTION.format(
        table=table, name="delete", event="DELETE", transition="OLD TABLE AS old_rows",
        **_looks("o", ", 0", "false"), rows="(SELECT DISTINCT subject_id FROM old_rows) o",
        events=_events("o", "old_rows o", {"'delete'": _categories(model, filled, "o")}),
        losses=_LOSSES.format(label=model._meta.label, categories=lost, files=_files(model)),
        destruction=_DESTRUCTION.format(categories=lost),
    )  # fmt: skip
    yield (
        f"CREATE OR REPLACE TRIGGER sealed_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION public.portal_refuse_truncate();"
    )


def _looks(alias: str, moved: str, other_key: str) -> dict[str, str]:
    return {
        "look": _STATE.format(alias=alias, locked="", other_key=other_key) + moved,
        "locked_look": _STATE.format(alias=alias, locked=" FOR SHARE", other_key=other_key) + moved,
    }


def _other_key(model: type[PersonalModel], test: str) -> str:
    """SQL for a new row that has a value under another key than its subject's present one."""
    names = [field.column for field in model.sealed_fields()]
    tests = (test.format(column=f"public.portal_key_of(n.{name})", name=name) for name in names)
    return " OR ".join(f"({one})" for one in tests)


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


def _files(model: type[PersonalModel]) -> str:
    """SQL for the ids of the rows, of those in a group, that have a file."""
    columns = [f"o.{field.column} IS NOT NULL" for field in model.sealed_fields() if isinstance(field, SealedFileField)]
    if not columns:
        return "ARRAY[]::uuid[]"
    return f"array_remove(array_agg(CASE WHEN {' OR '.join(columns)} THEN o.id END), NULL)"
