"""The way back: from a published text to the Markdown that reads as exactly that text."""

from collections.abc import Iterable, Iterator

from profiles.documents import ConsentDocument, Part, PolicyText

MARKS = {"text": "", "item": "- ", "note": "> "}


def write_policy(text: PolicyText) -> str:
    blocks = [f"# {text.title}"]
    for section in text.sections:
        blocks.append(f"## {section.number}. {section.heading}")
        for clause in section.clauses:
            first, *others = clause.parts
            blocks += [f"{clause.number}. {first.text}", *_parts(others)]
    return "\n\n".join(blocks) + "\n"


def write_consent(text: ConsentDocument) -> str:
    blocks = [f"# {text.title}"]
    for section in text.sections:
        blocks += [f"## {{{section.code}}} {section.heading}", *_parts(section.parts)]
    return "\n\n".join(blocks) + "\n"


def _parts(parts: Iterable[Part]) -> Iterator[str]:
    """The items of a list stand together."""
    items: list[str] = []
    for part in parts:
        line = MARKS[part.kind] + part.text
        if part.kind == "item":
            items.append(line)
            continue
        if items:
            yield "\n".join(items)
            items = []
        yield line
    if items:
        yield "\n".join(items)
