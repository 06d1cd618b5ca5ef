"""Owns the frozen values that the rest of the package passes around; knows no store and no file."""

from kg.model.changes import CHANGES, Change, Changeset
from kg.model.findings import LEVELS, Finding, Level, Place, Report
from kg.model.glossary import Glossary
from kg.model.measurement import (
    CrmField,
    CrmObject,
    FieldName,
    Lookalike,
    LookalikeSet,
    Measure,
    Metric,
    Variant,
)
from kg.model.relations import STRENGTHS, Claim, Predicate, Relation
from kg.model.terms import TIERS, Concept, Passage, Stewardship, Topic, Version
from kg.model.texts import LANGS, Label, Lang, Text, by_language, enumerated, said_in

__all__ = [
    "CHANGES",
    "LANGS",
    "LEVELS",
    "STRENGTHS",
    "TIERS",
    "Change",
    "Changeset",
    "Claim",
    "Concept",
    "CrmField",
    "CrmObject",
    "FieldName",
    "Finding",
    "Glossary",
    "Label",
    "Lang",
    "Level",
    "Lookalike",
    "LookalikeSet",
    "Measure",
    "Metric",
    "Passage",
    "Place",
    "Predicate",
    "Relation",
    "Report",
    "Stewardship",
    "Text",
    "Topic",
    "Variant",
    "Version",
    "by_language",
    "enumerated",
    "said_in",
]
