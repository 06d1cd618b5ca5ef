"""Owns checking a graph: shapes and rules in, findings with place, words and remedy out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.model import Report
from kg.validation.places import Places
from kg.validation.rules import find_matches, read_rules
from kg.validation.shapes import check_shapes
from kg.validation.violations import Rule
from kg.validation.wording import Speaker

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from kg.model import Finding, Place
    from kg.store import Store

__all__ = ["Rule", "read_rules", "validate"]


def validate(
    store: Store,
    *,
    origins: Mapping[str, Place] | None = None,
    rules: Path,
    shapes: Path,
    only: Collection[str] = (),
) -> Report:
    """Return what is wrong with the asserted graph of a store, by shapes and rules together.

    `rules` is a folder of rule files, `shapes` a SHACL file; `origins` names the table row behind
    each subject, so that a finding can say where to mend. The inferred graph is not looked at: the
    findings depend on what is asserted alone. `only` names the rules to look at, all without it.
    Raises SourceError where a rule or the shapes cannot be read.

    >>> from kg.store import open_store
    >>> from kg.workspace import find_sources
    >>> folder = find_sources().ontology
    >>> shapes, rules = folder / "shapes.ttl", folder / "rules"
    >>> with open_store() as store:
    ...     store.update("INSERT DATA { GRAPH <urn:kg:asserted/x> { term:a a skos:Concept } }")
    ...     found = validate(store, rules=rules, shapes=shapes).at_least("error")
    >>> sorted({finding.rule for finding in found})
    ['concept-kind', 'concept-label', 'concept-scheme', 'concept-tier', 'concept-topic']
    """
    speaker = Speaker(store, Places(store, origins or {}))
    findings: list[Finding] = []
    for rule in read_rules(rules):
        if only and rule.code not in only:
            continue
        violations = sorted(find_matches(rule, store), key=lambda violation: str(violation.focus))
        findings += (
            speaker.summary(rule, violations)
            if rule.summary
            else speaker.findings(rule, violations)
        )
    for rule, violation in check_shapes(store, shapes):
        if not only or rule.code in only:
            findings += speaker.findings(rule, [violation])
    return Report.of(findings)
