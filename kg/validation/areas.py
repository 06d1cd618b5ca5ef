"""Owns the areas that a graph is judged by: what each is called, and how much of it there is."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["AREAS", "TABLE_AREAS", "Area", "area_of_fault"]


@dataclass(frozen=True, slots=True)
class Area:
    """One area: its name in both languages, and the query that counts what is checked in it."""

    zh: str
    en: str
    query: str

    def label(self, lang: str) -> str:
        """Return the name in `lang`."""
        return self.zh if lang == "zh" else self.en


def _counted(pattern: str) -> str:
    return f"SELECT (COUNT(DISTINCT ?thing) AS ?count) {{ {pattern} }}"


_CONCEPTS = _counted("?thing a skos:Concept")
_EDGES = (
    "?claim rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o . "
    "BIND(CONCAT(STR(?s), STR(?p), STR(?o)) AS ?thing)"
)
AREAS: dict[str, Area] = {
    "labels": Area("名称", "labels", _CONCEPTS),
    "documentation": Area("释义", "documentation", _CONCEPTS),
    "hierarchy": Area("层级", "hierarchy", _CONCEPTS),
    "relations": Area("关系", "relations", _counted(_EDGES)),
    "evidence": Area("依据", "evidence", _counted("?thing a so:Claim")),
    "metrics": Area("指标", "metrics", _counted('?thing so:kind "Metric"')),
    "measures": Area("基础度量", "base measures", _counted("?thing a so:BaseMeasure")),
    "crm": Area(
        "CRM 字段", "CRM fields", _counted("VALUES ?c { so:CrmObject so:DataField } ?thing a ?c")
    ),
    "translations": Area("译文", "translations", _CONCEPTS),
    "stewardship": Area("维护", "stewardship", _CONCEPTS),
}

# The area of each fault of the tables and of each group of shapes; rule files name their own.
_BY_AREA = {
    "labels": "label-missing duplicate-label concept-label skos-s14 cell-invisible",
    "documentation": "lookalike-members",
    "hierarchy": "concept-kind concept-scheme concept-topic kind-unknown parent-half topic-unknown "
    "stage-position",
    "relations": "predicate-unknown relation-self relation-twice relation-rejected dangling-term "
    "alignment-subject",
    "evidence": "claim-answer claim-detail claim-source claim-strength claim-triple passage-code "
    "passage-place relation-unclaimed",
    "metrics": "formula formula-circle formula-name formula-syntax formula-unit metric-direction "
    "metric-unit variant-default variant-formula",
    "measures": "measure-expression measure-field measure-fields measure-fields-idle measure-join "
    "measure-list measure-object measure-parameter measure-shape measure-shape-parts "
    "unit-definition",
    "crm": "field-object field-reference",
    "translations": "translation-stale translation-unread",
}
TABLE_AREAS = {code: area for area, codes in _BY_AREA.items() for code in codes.split()}


def area_of_fault(code: str) -> str:
    """Return the area of a fault of the tables or a group of shapes; files are stewardship.

    >>> area_of_fault("formula-unit"), area_of_fault("table-bom")
    ('metrics', 'stewardship')
    """
    return TABLE_AREAS.get(code, "stewardship")
