"""What is done again and again with a log of any size."""

from typing import Final

from benchmarks.log import crowd

#: what is opened, by the name of the row: whose, and where
PAGES: Final = {
    "list": ("auditor", "/audit/"),
    "list, the whole year": ("auditor", "/audit/?since=2000-01-01"),
    "list, a page far back": ("auditor", "/audit/?since=2000-01-01&before={before}"),
    "search by person": ("auditor", "/audit/?since=2000-01-01&subject={person}"),
    "search by actor": ("auditor", f"/audit/?since=2000-01-01&actor_id={crowd.RARE_ACTOR}"),
    "search by operation": ("auditor", "/audit/?since=2000-01-01&operation=destroy"),
    "search by purpose": ("auditor", "/audit/?since=2000-01-01&purpose=bench_purpose"),
    "search by fact": ("auditor", "/audit/?since=2000-01-01&fact=bench_rare"),
    "search by category": ("auditor", "/audit/?since=2000-01-01&category=bench_category"),
    "search by category, of a quarter": ("auditor", "/audit/?since=2000-01-01&category=phone"),
    "an event with its neighbours": ("auditor", "/audit/events/{event}/"),
    "the proof of an event": ("auditor", "/audit/events/{event}/proof/"),
    "at a glance": ("auditor", "/audit/overview/"),
    "at a glance, the whole year": ("auditor", "/audit/overview/?since=2000-01-01"),
    "sample of 25": ("auditor", "/audit/sample/?number=25&word=otter"),
    "sample of 25, the whole year": ("auditor", "/audit/sample/?number=25&word=otter&since=2000-01-01"),
    "sample of 25 by category": (
        "auditor",
        "/audit/sample/?number=25&word=otter&since=2000-01-01&category=bench_category",
    ),
    "checkpoints and witnesses": ("auditor", "/audit/checkpoints/"),
    "/me/log/": ("person", "/me/log/"),
    "/me/log/proof/": ("person", "/me/log/proof/"),
}
ACTS: Final = ("append one and commit", "append fifty in one act and commit", "sequence fifty")
WORKS: Final = (*PAGES, *ACTS)
