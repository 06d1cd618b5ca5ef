"""Owns the story of a comparison: its changes as sentences in Chinese or English, by kind."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from kg import vocab as v
from kg.changes.excerpts import clip, excerpt
from kg.changes.facets import EVIDENCE
from kg.changes.words import GROUPS, TITLES, WHAT
from kg.model import Relation, Text, enumerated, said_in
from kg.phrasing import formula_text, lag_words, locator, phrase, statement, unit_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kg.model import Change, Changeset, Glossary, Passage

__all__ = ["Section", "Story"]

# Predicates that are told only where the line has nothing else to tell.
_QUIET = {v.RDF + "type", v.OWL + "deprecated", v.SKOS + "topConceptOf", v.SO + "mapsTo"}
# Predicates that have several values: what went and what came are told apart.
_MANY = {
    *(v.SO + name for name in ("grain", "mentionedIn", "readsField", "allowedValue")),
    *(
        v.SO + name
        for name in ("determines", "compares", "hasMetricVariant", "hasDefinition", "mapsTo")
    ),
    *(v.SKOS + name for name in ("altLabel", "hiddenLabel", "editorialNote", "member")),
    EVIDENCE,
}
_FORMULAS = {v.SO + "hasFormula", v.SO + "expression"}
_DEFAULT, _SUCCESSOR, _STATUS = v.SO + "isDefault", v.DCTERMS + "isReplacedBy", v.SO + "status"
_TONGUES = {"zh": {"zh": "中文", "en": "英文"}, "en": {"zh": "Chinese ", "en": "English "}}
_TURNS = {what: at for at, what in enumerate(WHAT)}
_LONG = 24  # characters from which a changed text is shown as an excerpt
_FOLD = 3  # as many subjects that changed in the same way are told in one line
_NAMED = 8  # subjects named in such a line
_LISTED = 3  # triples shown of each predicate that has no words
_APART = ("term-renamed", "relation-changed")  # kinds told one by one


@dataclass(frozen=True, slots=True)
class Section:
    """The changes of one kind: its title, how many things changed, and their lines."""

    kind: str
    title: str
    count: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Story:
    """Tells changes in `lang`, with the names of the new graph, else of the old, else of `others`.

    `others` lend their words where a graph has none of its own, as the glossary of the ontology
    does for files without it.
    """

    old: Glossary
    new: Glossary
    lang: str
    others: tuple[Glossary, ...] = ()

    def sections(self, changes: Changeset) -> tuple[Section, ...]:
        """Return the whole story, most important first."""
        out = []
        for kind, found in groupby(changes.changes, key=lambda change: change.kind):
            groups = [list(group) for _, group in groupby(sorted(found, key=_group), key=_group)]
            lines = tuple(self._lines(groups))
            out.append(Section(kind, self._say(*TITLES[kind]), len(groups), lines))
        return tuple(out)

    def sentence(self, change: Change) -> str:
        """Return one change as a sentence."""
        return self._line((change,))

    def name(self, iri: str, lang: str | None = None) -> str:
        """Return what an IRI is called in one of the graphs, else its CURIE."""
        for names in self._names:
            if texts := names.get(iri):
                return clip(said_in(texts, lang or self.lang) or texts[0].value)
        if iri in self._passages:
            return locator(self._passages[iri], self.lang)
        return clip(v.contract(iri))

    # -- lines
    def _lines(self, groups: Iterable[Sequence[Change]]) -> Iterator[str]:
        """Yield a line for each group; groups that changed in the same way share one."""
        alike: dict[tuple[str, int], list[Sequence[Change]]] = {}
        for at, group in enumerate(groups):
            kind = group[0].kind
            apart = kind in _APART or kind.endswith(("-removed", "-added")) or "-" not in kind
            key = ("", at) if apart else (self._segments(group), -1)
            alike.setdefault(key, []).append(group)
        for (told, _), found in alike.items():
            if len(found) < _FOLD:
                yield from map(self._line, found)
                continue
            names = [self._quoted(self.name(group[0].subject)) for group in found[:_NAMED]]
            more = len(found) - len(names)
            rest = self._say(f" 等 {len(found)} 个", f" and {more} more") if more else ""
            yield f"{enumerated(names, self.lang)}{rest}{self._say(':', ': ')}{told}"

    def _line(self, group: Sequence[Change]) -> str:
        first = group[0]
        thing, _, how = first.kind.rpartition("-")
        if not thing:
            return self._triples(first)
        if thing == "relation":
            return self._relation(group)
        if how in ("added", "removed"):
            return self._thing(first)
        mark = _mark(first)
        own = [
            c for c in group if how == "renamed" and c.lang == self.lang and c.before and c.after
        ]
        if own:
            names = [self._values(own[0], texts) for texts in (own[0].before, own[0].after)]
            told = self._say("{}改名为{}", "{} renamed to {}").format(*names)
            rest = self._segments([change for change in group if change not in own])
            return told + (self._say(";", "; ") + rest if rest else "") + mark
        name = self._quoted(self.name(first.subject))
        return f"{name}{self._say(':', ': ')}{self._segments(group)}{mark}"

    def _thing(self, change: Change) -> str:
        """Return a line on a thing that came or went: its names, what it is, what it means."""
        own = self.new if change.kind.endswith("added") else self.old
        concept = own.concepts.get(change.subject)
        name, other = self.name(change.subject), self.name(change.subject, self._say("en", "zh"))
        parts = [self._quoted(name) + (f" ({other})" if other != name else "")]
        if concept:
            parts += [
                self._filled(own).kind_label(concept.kind, self.lang),
                phrase("tier", concept.tier, self.lang),
            ]
            parts += [self.name(v.TOPIC + concept.topic)] if concept.topic else []
            if successor := concept.stewardship.replaced_by:
                named = self._quoted(self.name(successor))
                parts.append(self._say(f"由{named}取代", f"replaced by {named}"))
        text = concept.definition(self.lang) if concept else None
        line = self._say(",", ", ").join(parts) + _mark(change)
        return f"{line}{self._say(':', ': ')}{clip(text)}" if text else line

    def _relation(self, group: Sequence[Change]) -> str:
        first = group[0]
        own = self.old if first.kind == "relation-removed" else self.new
        filled, ends = self._filled(own), (first.subject, first.predicate, first.object)
        relation = self._relations[own is self.old].get(ends) or Relation("", *ends)
        if first.predicate not in filled.predicates:
            said = f"{self.name(ends[0])} {v.contract(ends[1])} {self.name(ends[2])}"
        elif relation.claims and first.kind != "relation-changed":
            said = statement(filled, relation, self.lang)
        else:
            said = filled.sentence(relation, self.lang)
        mark = f" [{relation.id}]" if relation.id else ""
        if first.kind == "relation-changed":
            return f"{clip(said, 200)}{self._say(':', ': ')}{self._segments(group)}{mark}"
        return clip(said, 400) + mark

    def _triples(self, change: Change) -> str:
        """Return how many triples of a predicate came and went, and the first of them."""
        sides = (("+", "增加", "added", change.added), ("-", "删除", "removed", change.removed))
        counts = [
            self._say(f"{zh} {len(found)} 条", f"{len(found)} {en}")
            for _, zh, en, found in sides
            if found
        ]
        name, colon = clip(v.contract(change.subject)), self._say(":", ": ")
        lines = [f"{name}{colon}{enumerated(counts, self.lang)}"]
        for sign, _, _, found in sides:
            lines += [f"  {sign} {clip(_short(triple), 160)}" for triple in found[:_LISTED]]
            lines += [f"  {sign} …"] if len(found) > _LISTED else []
        return "\n  ".join(lines)

    # -- segments: what of a thing changed
    def _segments(self, group: Iterable[Change]) -> str:
        found = sorted(group, key=self._turn)
        loud = [change for change in found if change.what not in _QUIET] or found
        told = [text for change in loud for text in (self._segment(change), *self._claimed(change))]
        return self._say(";", "; ").join(dict.fromkeys(text for text in told if text))

    def _turn(self, change: Change) -> tuple[int, bool, str, str, str]:
        """Return the place of a change in its line: as in WHAT, the language of the story first."""
        at = _TURNS.get(change.what, len(_TURNS))
        return at, change.lang not in ("", self.lang), change.what, change.lang, change.object

    def _segment(self, change: Change) -> str:
        """Return what changed from what to what."""
        label = self._label(change)
        if told := self._told_apart(change):
            return told
        if change.before == change.after:
            if change.what == EVIDENCE and self._pair(change) and any(self._claimed(change)):
                return ""
            count = len(change.removed) + len(change.added)
            return self._say(
                f"{label}的细节有变({count} 条)", f"details of {label} ({count} triples)"
            )
        many = change.what in _MANY or max(len(change.before), len(change.after)) > 1
        before, after = (self._values(change, texts) for texts in (change.before, change.after))
        if change.before and change.after and not many:
            if text := self._excerpt(change):
                return f"{label}{self._say(':', ': ')}{text.rstrip('。.')}"
            return self._say(
                f"{label}由{before}改为{after}", f"{label} changed from {before} to {after}"
            )
        parts = [self._say(f"去掉{label}{before}", f"{label} removed: {before}")] * bool(
            change.before
        )
        parts += [self._say(f"增加{label}{after}", f"{label} added: {after}")] * bool(change.after)
        return self._say(",", ", ").join(parts)

    def _claimed(self, change: Change) -> Iterator[str]:
        """Yield what a relation whose claims came or went says otherwise than before."""
        if change.what != EVIDENCE or not (pair := self._pair(change)):
            return
        new, old = pair
        if old.id != new.id:
            yield self._say(
                f"编号由 {old.id} 改为 {new.id}", f"renumbered from {old.id} to {new.id}"
            )
        lang = self.lang
        for name, before, after, tag in (
            ("strength", old.strength, new.strength, ""),
            ("lag", old.lag, new.lag, ""),
            ("reason", old.reason(lang), new.reason(lang), lang),
        ):
            if before != after:
                sides = [(Text(text, tag),) * bool(text) for text in (before or "", after or "")]
                aside = replace(change, what=v.SO + name, lang=tag, before=sides[0], after=sides[1])
                yield self._segment(aside)

    def _pair(self, change: Change) -> tuple[Relation, Relation] | None:
        """Return a relation of the new and of the old graph, where both have it."""
        ends = (change.subject, change.predicate, change.object)
        new, old = (found.get(ends) for found in self._relations)
        return (new, old) if new and old else None

    def _told_apart(self, change: Change) -> str:
        """Return the words for changes that have their own, else ""."""
        gone, come = ({text.value for text in texts} for texts in (change.before, change.after))
        told = {
            _STATUS: self._status(gone, come),
            v.SKOS + "topConceptOf": self._say("成为顶层术语", "now a top term")
            if change.added
            else self._say("不再是顶层术语", "no longer a top term"),
            v.SO + "translatedFrom": self._say(
                "译文已重新核对", "translation read against the definition again"
            ),
        }
        if change.what == _SUCCESSOR and come:
            name = self._values(change, change.after)
            return self._say(f"请改用{name}", f"use {name} instead")
        if change.kind == "relation-changed" and change.what == change.predicate:
            if change.added:
                return self._say("现已断言", "now asserted")
            return self._say("不再断言,只保留依据", "no longer asserted, only claimed")
        return told.get(change.what, "")

    def _status(self, gone: set[str], come: set[str]) -> str:
        if "deprecated" in come:
            return self._say("停用", "deprecated")
        return self._say("重新启用", "in use again") if come and "deprecated" in gone else ""

    def _label(self, change: Change) -> str:
        """Return what changed, in words: the predicate, its language, the variant it is of."""
        words = WHAT.get(change.what)
        label = self._say(*words) if words else clip(v.contract(change.what))
        if change.lang and change.lang != self.lang:
            label = _TONGUES[self.lang].get(change.lang, f"{change.lang} ") + label
        part = change.object if change.kind != "relation-changed" else ""
        if part and change.what != change.predicate and any(part in names for names in self._names):
            name = self._quoted(self.name(part))
            return self._say(f"{name}的{label}", f"{label} of {name}")
        return label

    def _excerpt(self, change: Change) -> str | None:
        before, after = change.before[0], change.after[0]
        plain = change.what not in _FORMULAS and change.what not in GROUPS
        if plain and min(len(before.value), len(after.value)) >= _LONG and not _is_iri(before):
            return excerpt(before.value, after.value)
        return None

    def _values(self, change: Change, texts: Sequence[Text]) -> str:
        own = [text for text in texts if text.lang == self.lang] if not change.lang else []
        glossary = self.old if texts is change.before else self.new
        return enumerated((self._value(change.what, t, glossary) for t in own or texts), self.lang)

    def _value(self, what: str, text: Text, own: Glossary) -> str:
        """Return a value in words: a name, a formula, a unit, a word of a list, or the text."""
        value, lang = text.value, self.lang
        if what in GROUPS:
            value = phrase(GROUPS[what], value, lang)
        elif what == v.SO + "kind":
            value = self._filled(own).kind_label(value, lang)
        elif what in _FORMULAS:
            return self._quoted(clip(formula_text(own, value, lang), 160))
        elif what == v.SO + "unit":
            value = unit_words(own, value, lang)
        elif what == v.SO + "lag":
            value = lag_words(value, lang)
        elif _is_iri(text) or what == _DEFAULT:
            value = self.name(value)
        return self._quoted(clip(value))

    def _quoted(self, text: str) -> str:
        return f"“{text}”"

    def _say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    # -- names
    @cached_property
    def _names(self) -> tuple[dict[str, tuple[Text, ...]], ...]:
        return tuple(_names_of(found) for found in (self.new, self.old, *self.others))

    @cached_property
    def _relations(self) -> tuple[dict[tuple[str, str, str], Relation], ...]:
        """Return the relations of the new and the old graph by their ends."""
        return tuple(
            {(r.subject, r.predicate, r.object): r for r in found.relations}
            for found in (self.new, self.old)
        )

    @cached_property
    def _passages(self) -> Mapping[str, Passage]:
        """Return the passages that claims and versions stand on, by IRI."""
        found: dict[str, Passage] = {}
        for glossary in (self.old, self.new):
            for relation in glossary.relations:
                found |= {
                    v.PASSAGE + c.passage.code: c.passage for c in relation.claims if c.passage
                }
            for concept in glossary.concepts.values():
                found |= {v.PASSAGE + x.passage.code: x.passage for x in concept.versions}
        return found

    def _filled(self, own: Glossary) -> Glossary:
        """Return a glossary with the words of the others where it has none."""
        return self._fillings[own is self.old]

    @cached_property
    def _fillings(self) -> tuple[Glossary, Glossary]:
        pair = []
        for own, other in ((self.new, self.old), (self.old, self.new)):
            lenders = (*self.others, other, own)
            pair.append(
                replace(
                    own,
                    predicates={k: p for lender in lenders for k, p in lender.predicates.items()},
                    kinds={k: t for lender in lenders for k, t in lender.kinds.items() if t},
                )
            )
        return pair[0], pair[1]


def _group(change: Change) -> tuple[str, ...]:
    """Return what the changes of one line share."""
    if change.kind.startswith("relation-"):
        return change.subject, change.predicate, change.object
    return (change.subject,)


def _mark(change: Change) -> str:
    """Return the id of what changed, in brackets."""
    return f" [{clip(v.contract(change.subject).removeprefix(v.BASE))}]"


def _short(triple: str) -> str:
    """Return a triple with its IRIs as CURIEs."""

    def curie(match: re.Match[str]) -> str:
        found = v.contract(match[1])
        return found if found != match[1] else match[0]

    return re.sub(r"<([^<>\s]+)>", curie, triple)


def _is_iri(text: Text) -> bool:
    return not text.lang and v.is_iri(text.value)


def _names_of(glossary: Glossary) -> dict[str, tuple[Text, ...]]:
    """Return the names of everything in a glossary that has some, by IRI."""
    out = dict(glossary.names)
    out |= {thing.iri: thing.labels for thing in glossary.measures.values()}
    out |= {thing.iri: thing.labels for thing in glossary.fields.values()}
    out |= {thing.iri: thing.labels for thing in glossary.objects.values()}
    out |= {topic.iri: topic.labels for topic in glossary.topics}
    out |= {group.iri: group.labels for group in glossary.lookalikes}
    for iri, concept in glossary.concepts.items():
        out[iri] = tuple(Text(x.value, x.lang) for x in concept.labels if x.role == "pref")
        if concept.metric:
            out |= {variant.iri: variant.labels for variant in concept.metric.variants}
    return out
