"""Owns the SSSOM export: matches with vocabularies and CRM systems as a table of mappings.

The Simple Standard for Sharing Ontological Mappings is a TSV file below a block of YAML. Every
identifier is a CURIE that the block resolves; names of CRM fields, which have no address of their
own, get one below the address of this graph.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote

from kg import vocab as v
from kg.exports.content import name_of
from kg.exports.mappings import Mapping, read_mappings
from kg.exports.selection import clean, select_glossary
from kg.exports.skos import LICENCE
from kg.store.facts import Facts, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Mapping as Map

    from kg.exports.selection import Selection
    from kg.model import Glossary
    from kg.store import Store

__all__ = ["COLUMNS", "write_sssom"]

COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "subject_source",
    "object_source",
    "comment",
)
SET = v.BASE + "mappings"
_SYSTEM, _VOCABULARY = v.BASE + "system/", v.BASE + "vocabulary/"
_CURATED = "semapv:ManualMappingCuration"
_OURS = {"salesops": v.BASE, "system": _SYSTEM, "vocabulary": _VOCABULARY}
_BASIC = {"semapv": "https://w3id.org/semapv/vocab/", "skos": v.SKOS}
# The prefixes that these vocabularies give themselves.
_KNOWN = {
    "http://purl.org/linked-data/cube#": "qb",
    "http://w3id.org/kpionto/": "kpi",
    "http://www.w3.org/ns/dcat#": "dcat",
    "http://www.w3.org/ns/org#": "org",
    "http://www.w3.org/ns/prov#": "prov",
    "http://xmlns.com/foaf/0.1/": "foaf",
    "https://schema.org/": "schema",
}
_UNFIT = re.compile(r"[^a-z0-9]+")
_TITLE = {
    "zh": "销售运营知识图谱与其他词汇及 CRM 系统字段的对照",
    "en": "Sales operations knowledge graph: matches with other vocabularies and CRM systems",
}


def write_sssom(store: Store, out: BinaryIO, selection: Selection) -> None:
    """Write all verified matches as SSSOM, sorted; labels and remarks in the asked language.

    Raises ExportError as `export`.
    """
    glossary = select_glossary(store, selection)
    found = [mapping for mapping in read_mappings(store, glossary) if mapping.verified]
    curies = _Curies(found)
    rows = sorted(_row(mapping, curies, glossary, selection.lang) for mapping in found)
    version = value(Facts(store)[v.SCHEME], v.OWL + "versionInfo")
    text = io.StringIO()
    text.writelines(f"#{line}\n" for line in _head(curies.prefixes, version, selection.lang))
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    out.write(text.getvalue().encode())


def _head(prefixes: Map[str, str], version: str | None, lang: str) -> Iterator[str]:
    """Yield the block of YAML; JSON texts are YAML texts."""
    yield "curie_map:"
    yield from (f"  {name}: {_yaml(iri)}" for name, iri in sorted(prefixes.items()))
    facts = {
        "license": LICENCE,
        "mapping_set_id": SET,
        "mapping_set_title": _TITLE[lang],
        "mapping_set_version": version,
        "mapping_provider": v.ONTOLOGY,
    }
    yield from (f"{key}: {_yaml(fact)}" for key, fact in facts.items() if fact)


def _yaml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _row(mapping: Mapping, curies: _Curies, glossary: Glossary, lang: str) -> tuple[str, ...]:
    subject = v.contract(mapping.subject)
    ours = "salesops:scheme" if mapping.subject.startswith(v.TERM) else "salesops:ontology"
    source = "system" if mapping.system else "vocabulary"
    cells = (
        subject,
        name_of(glossary, mapping.subject, lang),
        f"skos:{mapping.relation}",
        curies.shorten(mapping),
        mapping.label(lang),
        _CURATED,
        ours,
        f"{source}:{_part(mapping.target)}",
        mapping.comment(lang),
    )
    return tuple(" ".join(clean(cell).split()) for cell in cells)


def _part(text: str) -> str:
    """Return a text as it may stand behind the colon of a CURIE."""
    return quote(text, safe="")


class _Curies:
    """Gives each object a CURIE, and knows the prefixes behind all CURIEs of the file."""

    def __init__(self, mappings: Iterable[Mapping]) -> None:
        self.prefixes = {**_OURS, **_BASIC}
        self.names: dict[str, str] = {}  # namespace -> prefix
        spaces: dict[str, set[str]] = {}  # vocabulary -> its namespaces
        for mapping in mappings:
            self.prefixes |= _of(mapping.subject)
            spaces.setdefault(mapping.target, set()).add(_space(mapping))
        for target, found in sorted(spaces.items()):
            for space in sorted(found - self.names.keys()):
                self.names[space] = self.name(space, target, alone=len(found) == 1)
                self.prefixes[self.names[space]] = space

    def name(self, space: str, target: str, *, alone: bool) -> str:
        """Return a prefix that no other namespace has: the known one, else after the vocabulary."""
        known, base = _KNOWN.get(space, ""), _slug(target)
        last = f"{base}-{_slug(space.rstrip('/#').rpartition('/')[2])}"
        numbered = f"{base}-{len(self.names) + 1}"
        for name in (known, base if alone else last, last):
            taken = {**v.PREFIXES, **self.prefixes}.get(name, space) != space
            if name and not taken:
                return name
        return numbered

    def shorten(self, mapping: Mapping) -> str:
        """Return the CURIE of an object."""
        space = _space(mapping)
        end = _part(mapping.object) if mapping.system else mapping.object.removeprefix(space)
        return f"{self.names[space]}:{end}"


def _of(iri: str) -> dict[str, str]:
    """Return the prefix that the CURIE of an IRI of ours needs."""
    name = v.contract(iri).partition(":")[0]
    return {name: v.PREFIXES[name]} if name in v.PREFIXES else {}


def _space(mapping: Mapping) -> str:
    """Return the namespace of an object: up to the last # or /, or that of its system."""
    if mapping.system:
        return f"{_SYSTEM}{_part(mapping.target)}/"
    body = mapping.object.rstrip("/#")
    return mapping.object[: max(map(body.rfind, "/#")) + 1]


def _slug(text: str) -> str:
    name = _UNFIT.sub("-", text.casefold()).strip("-")
    return name if name[:1].isalpha() else f"x-{name}".rstrip("-")
