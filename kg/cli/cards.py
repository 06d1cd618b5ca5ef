"""Owns the cards of what is measured: metric, base measure, CRM field and object, look-alikes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg import vocab
from kg.cli.output import plain, term_json
from kg.model import LANGS, by_language, enumerated, said_in
from kg.phrasing import CARD, card_facts, formula_text, phrase, unit_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.model import (
        CrmField,
        CrmObject,
        FieldName,
        Glossary,
        LookalikeSet,
        Measure,
        Metric,
    )

__all__ = [
    "lookalike_lines",
    "lookalikes_json",
    "metric_json",
    "metric_lines",
    "named_json",
    "named_text",
]

_DEFAULT, _OTHER = ("默认口径", "Default variant"), ("其他口径", "Other variant")


def metric_lines(glossary: Glossary, metric: Metric, lang: str) -> Iterator[str]:
    """Yield the card of a metric: what it is computed from, and what decides a count."""
    facts = card_facts(glossary, metric, lang)
    facts["inputs"] = enumerated((glossary.name(m, lang) for m in metric.metrics), lang)
    facts["fields"] = enumerated((_said(glossary, f, lang) for f in metric.fields), lang)
    yield from (f"{CARD[name][lang != 'zh']}: {fact}" for name, fact in facts.items() if fact)
    for variant in metric.variants:
        mark = (_DEFAULT if variant.default else _OTHER)[lang != "zh"]
        formula = formula_text(glossary, variant.expression, lang)
        yield f"{mark}: {variant.label(lang)} = {formula}"
        yield f"    {variant.definition(lang)}"


def metric_json(glossary: Glossary, metric: Metric) -> dict[str, object]:
    """Return the card of a metric, for programs."""
    return {
        "expression": metric.expression,
        "formula": {x: formula_text(glossary, metric.expression, x) for x in LANGS},
        "unit": metric.unit,
        "direction": metric.direction,
        "display": metric.display,
        "metrics": [vocab.contract(m) for m in metric.metrics],
        "measures": [vocab.contract(m) for m in metric.measures],
        "fields": [vocab.contract(f) for f in metric.fields],
        "date_basis": metric.date_basis,
        "filters": by_language(metric.filters),
        "grain": list(metric.grain),
        "currency": metric.currency,
        "tax": metric.tax,
        "additivity": metric.additivity,
        "variants": [
            {
                "id": vocab.contract(variant.iri),
                **by_language(variant.labels),
                "definitions": by_language(variant.definitions),
                "expression": variant.expression,
                "default": variant.default,
            }
            for variant in metric.variants
        ],
    }


def lookalikes_json(group: LookalikeSet) -> dict[str, object]:
    """Return a set of look-alikes, for programs."""
    return {
        "set": group.id,
        "name": by_language(group.labels),
        "question": by_language(group.questions),
        "members": [
            {
                "term": vocab.contract(member.concept),
                "answer": by_language(member.answers),
                "distinction": by_language(member.distinctions),
            }
            for member in group.members
        ],
    }


def lookalike_lines(glossary: Glossary, group: LookalikeSet, lang: str) -> Iterator[str]:
    """Yield a set of look-alikes: the question that decides, and where each answer leads."""
    title = {"zh": "容易混淆", "en": "Easily confused"}[lang]
    yield f"{title}: {group.question(lang)}"
    for member in group.members:
        name = glossary.name(member.concept, lang)
        yield f"  {member.answer(lang)} → {name}: {member.distinction(lang)}"


def named_json(glossary: Glossary, iri: str) -> dict[str, object]:
    """Return a base measure, CRM field or object with all that is known of it, for programs."""
    thing = _thing(glossary, iri)
    names: tuple[FieldName, ...] = getattr(thing, "names", ())
    facts: dict[str, object] = {
        name: _contracted(value)
        for name in thing.__dataclass_fields__
        if name not in ("iri", "labels", "definitions", "names")
        and (value := getattr(thing, name)) not in (None, ())
    }
    return {
        **term_json(glossary, iri),
        "definitions": by_language(thing.definitions),
        **facts,
        **({"names": [*map(_field_name_json, names)]} if names else {}),
        "read_by": [vocab.contract(m) for m in _readers(glossary, iri)],
    }


def _contracted(value: Any) -> object:
    """Return IRIs of ours as CURIEs, as everywhere in JSON results; all else as it is."""
    if isinstance(value, tuple):
        return [_contracted(item) for item in value]
    ours = isinstance(value, str) and value.startswith(vocab.BASE)
    return vocab.contract(value) if ours else value


def _field_name_json(name: FieldName) -> dict[str, object]:
    labels = {f"label_{text.lang}": text.value for text in name.labels}
    return {
        "system": name.system,
        "name": name.name,
        **labels,
        "match": name.match,
        "verified": name.verified,
    }


def named_text(glossary: Glossary, iri: str, lang: str) -> str:
    """Return a base measure, CRM field or object as a card to read in a terminal."""
    thing = _thing(glossary, iri)
    other = "en" if lang == "zh" else "zh"
    lines = [
        f"{thing.label(lang)}  ({thing.label(other)})",
        vocab.contract(iri),
        "",
        thing.definition(lang) or "",
    ]
    lines += [*_facts(glossary, iri, lang)]
    readers = [glossary.name(m, lang) for m in _readers(glossary, iri)]
    if readers:
        title = _READ_BY[lang != "zh"]
        lines.append(f"{title}: {enumerated(readers, lang)}")
    return plain("\n".join(lines)) + "\n"


_READ_BY = ("用到它的有", "Read by")
_FACTS = {
    "object": ("对象", "Object"),
    "type": ("类型", "Type"),
    "values": ("可取的值", "Values"),
    "determines": ("决定", "Determines"),
    "aggregate": ("汇总", "Aggregate"),
    "column": ("取值", "Column"),
    "filter": ("条件", "Filter"),
    "time": ("时间字段", "Time field"),
    "basis": ("时间口径", "Time basis"),
    "distinct": ("去重键", "Distinct key"),
    "unit": ("单位", "Unit"),
    "fields": ("字段", "Fields"),
    "key": ("主键", "Key"),
    "records": ("记录的术语", "Records"),
    "refers": ("引用", "Refers to"),
}


def _facts(glossary: Glossary, iri: str, lang: str) -> Iterator[str]:
    """Yield one line a fact, and one for each name in a CRM system."""
    thing = _thing(glossary, iri)
    for name, words in _FACTS.items():
        value = getattr(thing, name, None)
        if not value:
            continue
        group = {"aggregate": "aggregate", "basis": "time-basis"}.get(name)
        parts = value if isinstance(value, tuple) else (value,)
        shown = [phrase(group, x, lang) if group else _said(glossary, x, lang) for x in parts]
        if name == "unit":
            shown = [unit_words(glossary, value, lang)]
        yield f"{words[lang != 'zh']}: {enumerated(shown, lang)}"
    for known in getattr(thing, "names", ()):
        label = said_in(known.labels, lang) or ""
        mark = "" if known.verified else {"zh": "(未核对)", "en": " (not verified)"}[lang]
        yield f"{known.system}: {known.name} {label}".rstrip() + mark


def _said(glossary: Glossary, value: str, lang: str) -> str:
    """Return an IRI of ours by its name and id, any other text as it is."""
    if not value.startswith(vocab.BASE):
        return value
    name, bare = glossary.name(value, lang), vocab.local_name(value)
    return bare if name == bare else f"{name} ({bare})"


def _thing(glossary: Glossary, iri: str) -> CrmField | CrmObject | Measure:
    return glossary.fields.get(iri) or glossary.objects.get(iri) or glossary.measures[iri]


def _readers(glossary: Glossary, iri: str) -> list[str]:
    """Return the measures over a field or an object, or the metrics over a measure."""
    if iri in glossary.fields:
        return [m.iri for m in glossary.measures.values() if iri in m.fields]
    if iri in glossary.objects:
        return [m.iri for m in glossary.measures.values() if m.object == iri]
    concepts = glossary.concepts.values()
    return [c.iri for c in concepts if c.metric and iri in c.metric.measures]
