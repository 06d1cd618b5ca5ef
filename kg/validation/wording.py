"""Owns putting violations into words of both languages, with labels in place of IRIs."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import vocab as v
from kg.model import LANGS, Finding, Passage, Text, enumerated
from kg.store.reading import read_predicates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.model import Lang, Place, Predicate
    from kg.sparql import Term
    from kg.store import Store
    from kg.validation.places import Places
    from kg.validation.violations import Rule, Triple, Violation

__all__ = ["HOLE", "Speaker"]

HOLE = re.compile(r"\{([A-Za-z_]+)\}")
_EXAMPLES = 3  # how many of the rows that a summary stands for it names
_LONGEST = 120  # characters of a label or value that a message quotes
_LANGUAGES = {
    ("zh", "zh"): "中文",
    ("en", "zh"): "英文",
    ("zh", "en"): "Chinese",
    ("en", "en"): "English",
}


class Speaker:
    """Puts violations into words of both languages, with labels for IRIs."""

    def __init__(self, store: Store, places: Places) -> None:
        self.store = store
        self.places = places
        self._names: dict[tuple[str, str], str] = {}

    def findings(self, rule: Rule, violations: Iterable[Violation]) -> Iterator[Finding]:
        """Yield one finding per violation."""
        for violation in violations:
            fills = {lang: self._fills(violation, lang) for lang in LANGS}
            yield _finding(rule, fills, _curie(violation.focus), self.places.find(violation))

    def summary(self, rule: Rule, violations: list[Violation]) -> Iterator[Finding]:
        """Yield one finding for all violations together, if there are any."""
        if not violations:
            return
        fills = {}
        focuses = dict.fromkeys(violation.focus for violation in violations)
        for lang in LANGS:
            names = (self._say(focus, lang) for focus in islice(focuses, _EXAMPLES))
            fills[lang] = {"count": str(len(violations)), "examples": enumerated(names, lang)}
        only = violations[0] if len(violations) == 1 else None
        place = self.places.find(only) if only else None
        focus = _curie(only.focus) if only else None
        yield replace(_finding(rule, fills, focus, place), count=len(violations))

    def _fills(self, violation: Violation, lang: Lang) -> dict[str, str]:
        out = {}
        for name, term in violation.fills.items():
            if isinstance(term, tuple):
                out[name] = enumerated([self._say(item, lang) for item in term], lang)
            elif name == "lang":
                tag = term.value if isinstance(term, ox.Literal) else ""
                out[name] = _LANGUAGES.get((tag, lang), tag)
            else:
                out[name] = self._say(term, lang)
        if violation.relation:
            out["sentence"] = self._sentence(violation.relation, lang)
        return out

    def _say(self, term: Term, lang: Lang) -> str:
        if isinstance(term, ox.NamedNode):
            key = (term.value, lang)
            if key not in self._names:
                self._names[key] = _clean(self._name(term.value, lang))
            return self._names[key]
        return _clean(term.value if isinstance(term, ox.Literal) else str(term))

    def _name(self, iri: str, lang: Lang) -> str:
        """Return what a reader calls it: a claim by its sentence, a formula by its metric."""
        if iri.startswith(v.CLAIM) and (relation := self._claimed(iri)):
            return self._sentence(relation, lang)
        if iri.startswith(v.FORMULA):
            metric = iri.removeprefix(v.FORMULA).partition("/")[0]
            return self._name(v.TERM + metric, lang)
        if iri.startswith(v.POSITION):
            model, _, number = iri.removeprefix(v.POSITION).rpartition("/")
            return f"{self._name(v.TERM + model, lang)} #{number}"
        if iri.startswith(v.PASSAGE):
            locator = self._value(iri, v.SO + "locator")
            words = locator.value if isinstance(locator, ox.Literal) else ""
            return Passage(iri, None, words, 0).locator_in(lang) or v.contract(iri)
        names = self._labels(iri)
        plain = v.local_name(iri) if iri.startswith(v.SO) else v.contract(iri)
        return names.get(lang) or names.get("") or next(iter(names.values()), plain)

    def _labels(self, iri: str) -> dict[str, str]:
        """Return the preferred label per language, else the plain one; the first of several."""
        for predicate in (v.SKOS + "prefLabel", v.RDFS + "label"):
            values = (triple.object for triple in self.store.triples(iri, predicate))
            texts = [value for value in values if isinstance(value, ox.Literal)]
            if texts:
                return dict(sorted(((x.language or "", x.value) for x in texts), reverse=True))
        return {}

    def _claimed(self, iri: str) -> Triple | None:
        subject, predicate, object_ = (
            self._value(iri, v.RDF + name) for name in ("subject", "predicate", "object")
        )
        if subject is None or object_ is None or not isinstance(predicate, ox.NamedNode):
            return None
        return subject, predicate.value, object_

    def _value(self, iri: str, predicate: str) -> Term | None:
        """Return the value of a property, the first where there are several."""
        return min((x.object for x in self.store.triples(iri, predicate)), key=str, default=None)

    def _sentence(self, relation: Triple, lang: Lang) -> str:
        subject, path, object_ = relation
        names = self._say(subject, lang), self._say(object_, lang)
        if path in self._predicates:
            return self._predicates[path].sentence(*names, lang)
        return f"{names[0]} {self._name(path, lang)} {names[1]}"

    @cached_property
    def _predicates(self) -> dict[str, Predicate]:
        return read_predicates(self.store)


def _curie(term: Term) -> str | None:
    return v.contract(term.value) if isinstance(term, ox.NamedNode) else None


def _finding(
    rule: Rule, fills: Mapping[Lang, Mapping[str, str]], focus: str | None, place: Place | None
) -> Finding:
    return Finding(
        rule=rule.code,
        level=rule.level,
        messages=tuple(Text(_fill(rule.words[lang], fills[lang]), lang) for lang in LANGS),
        remedies=tuple(Text(_fill(rule.words[f"fix-{lang}"], fills[lang]), lang) for lang in LANGS),
        focus=focus,
        place=place,
    )


def _fill(template: str, fills: Mapping[str, str]) -> str:
    """Return a template with its holes filled in one pass: a label may hold "{value}" itself."""
    return HOLE.sub(lambda hole: fills.get(hole[1], "-"), template)


def _clean(text: str) -> str:
    """Return a label on one line, without invisible characters, cut where it is very long."""
    seen = "".join(" " if c.isspace() else c for c in text if c.isspace() or c.isprintable())
    line = " ".join(unicodedata.normalize("NFC", seen).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
