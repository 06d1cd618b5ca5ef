"""Every rule of ontology/rules finds its fault, at its place, and nothing else."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kg import vocab
from kg.model import Place
from kg.store import open_store
from kg.validation import read_rules, validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kg.model import Finding, Report
    from kg.sources.graph import Compiled
    from kg.store import Store

HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in vocab.PREFIXES.items())
HEAD += f"@prefix formula: <{vocab.FORMULA}> .\n@prefix position: <{vocab.POSITION}> .\n"
Check = Callable[..., "Report"]
FUNNEL = "position:funnel-model-answer1\\/"
KPI = "data/concepts/kpi-performance.csv"
DEALS = "data/concepts/opportunities-deals.csv"


def claimed(subject: str, predicate: str, object_: str, number: int = 1) -> str:
    """Return a relation and its claim as Turtle, as data/ would make them."""
    claim = f"<{vocab.CLAIM}t{number}-product>"
    return (
        f"{subject} {predicate} {object_} . {claim} a so:Claim ; rdf:subject {subject} ; "
        f"rdf:predicate {predicate} ; rdf:object {object_} ; so:strength 'product' ; "
        "prov:wasDerivedFrom source:product ."
    )


@dataclass(frozen=True)
class Case:
    """A change of the real graph, and the findings that it must bring: (rule, focus) pairs.

    `place` is where the first of them must point to, as far as a row of the tables is behind it.
    """

    rule: str
    found: tuple[str, ...]
    add: str = ""
    remove: str = ""
    also: tuple[tuple[str, str], ...] = ()
    place: tuple[str, str | None] | None = None

    @property
    def expected(self) -> set[tuple[str, str]]:
        """Return every (rule, focus) that the change must bring."""
        return {(self.rule, focus) for focus in self.found} | set(self.also)


CASES = (
    # -- SKOS
    Case(
        "skos-s9", ("term:win-rate",), "term:win-rate a skos:ConceptScheme .", place=(DEALS, None)
    ),
    Case(
        "skos-s13",
        ("term:win-rate",),
        "term:win-rate skos:altLabel '赢单率'@zh .",
        place=(DEALS, "alt_zh"),
    ),
    Case(
        "skos-s13",
        ("term:win-rate",),
        "term:win-rate skos:hiddenLabel 'Win rate'@en .",
        place=(DEALS, "hidden_en"),
    ),
    Case(
        "skos-s14",
        ("topic:forecasting",),
        "topic:forecasting skos:prefLabel 'Forecasts'@en .",
        place=("data/topics.csv", "en"),
    ),
    Case(
        "skos-s27", ("term:sales-kpi",), "term:kpi skos:related term:sales-kpi .", place=(KPI, None)
    ),
    Case(
        "skos-s27",
        ("term:close-rate",),
        "term:close-rate skos:related term:kpi .",  # two steps up
        place=(DEALS, None),
    ),
    Case("skos-s37", ("topic:forecasting",), "topic:forecasting a skos:ConceptScheme ."),
    Case(
        "skos-s46",
        ("term:win-rate",),
        "term:win-rate skos:exactMatch term:close-rate ; skos:relatedMatch term:close-rate .",
    ),
    Case(
        "skos-s46",
        ("term:accelerator",),
        claimed("term:decelerator", "so:exactMatch", "term:accelerator"),
        place=("data/claims.csv", "relation"),
    ),
    # -- labels
    Case(
        "label-unique",
        ("term:win-rate",),
        "term:close-rate skos:prefLabel '赢单率'@zh .",
        "term:close-rate skos:prefLabel '成交率'@zh .",
        place=(DEALS, "zh"),
    ),
    Case(
        "label-unique",
        ("term:win-rate",),
        "term:close-rate skos:prefLabel 'WIN rate (COUNT)'@en .",
        "term:close-rate skos:prefLabel 'Close rate'@en .",
        place=(DEALS, "en"),
    ),
    Case(
        "label-hidden",
        ("term:close-rate",),
        "term:close-rate skos:hiddenLabel '赢单率'@zh .",
        place=(DEALS, "hidden_zh"),
    ),
    Case(
        "label-language",
        ("topic:forecasting",),
        remove="topic:forecasting skos:prefLabel '销售预测'@zh .",
        place=("data/topics.csv", "zh"),
    ),
    Case("label-language", ("so:Metric",), remove="so:Metric rdfs:label 'Metric'@en ."),
    Case("label-language", ("so:feeds",), remove="so:feeds rdfs:label '输入到'@zh ."),
    Case(
        "predicate-phrase",
        ("so:feeds",),
        remove="so:feeds so:inversePhrase '{o} is fed by {s}'@en .",
    ),
    Case(
        "predicate-phrase",
        ("so:feeds",),
        "so:feeds so:forwardPhrase '{s}提供输入'@zh .",
        "so:feeds so:forwardPhrase '{s}为{o}提供输入'@zh .",
    ),
    Case(
        "predicate-phrase",
        ("so:invented",),
        claimed("term:win-rate", "so:invented", "term:crm-system"),
    ),
    # -- cycles: every relation on the circle is named
    Case(
        "cycle-broader",
        ("term:kpi", "term:sales-kpi"),
        claimed("term:kpi", "skos:broader", "term:sales-kpi"),
    ),
    Case(
        "cycle-broader",
        ("term:kpi", "term:sales-kpi", "term:close-rate"),
        claimed("term:kpi", "skos:broader", "term:close-rate"),
        place=(DEALS, "parent"),
    ),
    Case(
        "cycle-part",
        ("term:annual-sales-budget", "term:sales-budget"),
        claimed("term:sales-budget", "so:partOf", "term:annual-sales-budget"),
    ),
    Case(
        "cycle-part",
        ("term:crm", "term:relationship-building"),
        claimed("term:crm", "so:partOf", "term:relationship-building"),
    ),
    Case(
        "cycle-order",
        ("term:channel-implementation", "term:channel-planning"),
        claimed("term:channel-implementation", "so:precedes", "term:channel-planning"),
    ),
    Case(
        "cycle-computed",
        ("term:gross-margin", "term:gmroi"),
        "formula:gross-margin so:hasOperand <https://w3id.org/salesops/formula/gross-margin/99> . "
        "<https://w3id.org/salesops/formula/gross-margin/99> so:operandMetric term:gmroi .",
        place=("data/metrics.csv", "formula"),
    ),
    Case(
        "cycle-computed",
        ("term:gmroi", "term:gross-margin"),
        claimed("term:gross-margin", "so:computedFrom", "term:gmroi"),
    ),
    Case(
        "cycle-feeds",
        ("term:crm-system", "term:funnel-analysis"),
        claimed("term:funnel-analysis", "so:feeds", "term:crm-system"),
    ),
    Case(
        "cycle-converts",
        ("term:closed-customer", "term:intending-customer"),
        claimed("term:closed-customer", "so:convertsTo", "term:intending-customer"),
    ),
    # -- relations and claims
    Case(
        "relation-self",
        ("term:win-rate",),
        claimed("term:win-rate", "so:uses", "term:win-rate"),
        place=(DEALS, None),
    ),
    Case(
        "relation-end",
        ("term:win-rate",),
        claimed("term:win-rate", "so:uses", "term:no-such-thing"),
        place=(DEALS, None),
    ),
    Case(
        "relation-end",
        ("term:no-such-thing",),
        claimed("term:no-such-thing", "so:uses", "term:win-rate"),
    ),
    Case(
        "relation-unclaimed",
        ("term:win-rate",),
        "term:win-rate so:uses term:crm-system .",
        place=(DEALS, None),
    ),
    Case(
        "relation-unclaimed",
        ("term:win-rate",),
        "term:win-rate skos:broader term:close-rate .",
        place=(DEALS, "parent"),
    ),
    Case(
        "relation-contradicted",
        ("term:sales-operations",),
        "term:sales-operations so:partOf term:sales-management .",
        place=("data/claims.csv", "relation"),
    ),
    Case(
        "relation-contradicted",
        ("term:sales-operations",),
        "term:sales-operations so:partOf term:sales-management ; "
        "so:hasPart term:sales-management .",
        also=(("cycle-part", "term:sales-operations"),),
    ),
    Case(
        "symmetric-twice",
        ("term:decelerator",),
        claimed("term:decelerator", "so:contrastsWith", "term:accelerator"),
    ),
    Case(
        "asymmetric-both",
        ("term:crm-step-classification",),
        claimed("term:crm-step-communication", "so:listedBefore", "term:crm-step-classification"),
        place=("data/claims.csv", "relation"),
    ),
    Case(
        "sign-conflict",
        ("term:after-sales-service",),
        claimed("term:after-sales-service", "so:reduces", "term:brand-image"),
    ),
    Case(
        "claim-unasserted",
        ("claim:r001-1.0.1", "claim:r001-1.1.1"),
        remove="term:customer-journey so:hasEnd term:final-purchase .",
        place=("data/claims.csv", None),
    ),
    Case(
        "claim-answer",
        ("claim:r001-1.0.1",),
        remove="<https://w3id.org/salesops/claim/r001-1.0.1> so:answer 1 .",
        place=("data/claims.csv", "passage"),
    ),
    Case(
        "claim-answer",
        ("claim:r001-1.0.1",),
        "<https://w3id.org/salesops/claim/r001-1.0.1> so:answer 2 .",
        "<https://w3id.org/salesops/claim/r001-1.0.1> so:answer 1 .",
        place=("data/claims.csv", "passage"),
    ),
    # -- classes
    Case(
        "class-disjoint", ("term:win-rate",), "term:win-rate a so:Process .", place=(DEALS, "kind")
    ),
    Case(
        "class-disjoint",
        ("term:win-rate",),
        "term:win-rate a so:ProcessStep .",  # below so:Activity
        place=(DEALS, "kind"),
    ),
    Case(
        "kind-class",
        ("term:win-rate",),
        "term:win-rate so:kind 'Channel' .",
        "term:win-rate so:kind 'Metric' .",
        also=(("relation-domain", "term:win-rate"),),
        place=(DEALS, "kind"),
    ),
    Case(
        "kind-class",
        ("term:win-rate",),
        "term:win-rate so:kind 'No such kind' .",
        also=(("relation-domain", "term:win-rate"),),
    ),
    Case(
        "concept-isolated",
        ("term:lonely",),
        "term:lonely a skos:Concept , so:Term ; skos:definition 'x'@zh , 'x'@en .",
    ),
    # -- metrics, measures, stages
    Case(
        "measure-unused",
        ("measure:won_deals_twice",),
        "measure:won_deals_twice a so:BaseMeasure .",
    ),
    Case(
        "metric-formula",
        ("term:win-rate",),
        remove="term:win-rate so:hasFormula formula:win-rate .",
        place=(DEALS, None),
    ),
    Case(
        "funnel-stage",
        ("term:sales-funnel",),
        claimed("term:sales-funnel", "so:hasStage", "term:stage-interest"),
    ),
    Case(
        "stage-sequence",
        ("term:funnel-model-answer1",),
        f"{FUNNEL}2 so:position 5 .",
        f"{FUNNEL}2 so:position 2 .",
        place=("data/stages.csv", "position"),
    ),
    Case(
        "stage-sequence",
        ("term:funnel-model-answer1",),
        f"{FUNNEL}2 so:position 3 .",
        f"{FUNNEL}2 so:position 2 .",
        place=("data/stages.csv", "position"),
    ),
    Case(
        "stage-listed",
        ("term:funnel-model-answer1",),
        f"{FUNNEL}5 a so:StagePosition ; so:inModel term:funnel-model-answer1 ; "
        "so:ofStage term:stage-potential-customer ; so:position 5 .",
    ),
    Case(
        "stage-listed",
        ("term:funnel-model-answer1",),
        claimed("term:funnel-model-answer1", "so:hasStage", "term:stage-potential-customer"),
    ),
    # -- kinds
    Case("relation-domain", ("term:kpi",), claimed("term:kpi", "so:manages", "term:crm")),
    Case("relation-range", ("term:win-rate",), claimed("term:win-rate", "so:tracks", "term:crm")),
)


@pytest.fixture(scope="module")
def scratch(sources: Compiled) -> Store:
    """Return a copy of the graph that a test may change and must put back."""
    filled = open_store()
    filled.extend(sources.quads)
    return filled


@pytest.fixture(scope="module")
def origins(sources: Compiled) -> dict[str, Place]:
    """Return the row behind each subject, but for relations: their claims must do."""
    rows = sources.origins.items()
    return {iri: place for iri, place in rows if place.path != "data/relations.csv"}


@pytest.fixture(scope="module")
def no_shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a shapes file that finds nothing, so that the rules are alone."""
    path: Path = tmp_path_factory.mktemp("shapes") / "none.ttl"
    path.write_text(f"{HEAD}so:nothing a sh:NodeShape ; sh:targetNode so:nothing .")
    return path


@pytest.fixture(scope="module")
def check(scratch: Store, origins: dict[str, Place], root: Path, no_shapes: Path) -> Check:
    """Return what checks the graph by the rules alone, after a change that is then put back."""
    rules = root / "ontology" / "rules"

    def run(add: str = "", remove: str = "", more: Mapping[str, Place] | None = None) -> Report:
        with changed(scratch, add, remove):
            rows = {**origins, **(more or {})}
            return validate(scratch, origins=rows, rules=rules, shapes=no_shapes)

    return run


@pytest.fixture(scope="module")
def clean(check: Check) -> Report:
    """Return what the rules find in the shipped graph."""
    return check()


@contextlib.contextmanager
def changed(store: Store, add: str, remove: str) -> Iterator[None]:
    """Change the union of the asserted graphs for a while."""
    added, removed = (
        [q.triple for q in ox.parse(HEAD + x, format=ox.RdfFormat.TURTLE)] for x in (add, remove)
    )
    new = [ox.Quad(*triple) for triple in added]
    old = [ox.Quad(*triple) for triple in removed]
    assert all(quad in store.engine for quad in old), "the case removes what is not there"
    assert not any(quad in store.engine for quad in new), "the case adds what is there"
    for quad in old:
        store.engine.remove(quad)
    store.engine.extend(new)
    yield
    for quad in new:
        store.engine.remove(quad)
    store.engine.extend(old)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.found[0]}")
def test_a_fault_brings_its_finding_and_no_other(case: Case, check: Check, clean: Report) -> None:
    """One change of a clean graph: exactly the findings that it deserves, named and placed."""
    report = check(case.add, case.remove)
    known = {(finding.rule, finding.focus) for finding in clean.findings}
    new = [finding for finding in report.findings if (finding.rule, finding.focus) not in known]

    assert case.expected == {(finding.rule, finding.focus) for finding in new}
    assert all(_speaks_plainly(finding) for finding in new)
    if case.place:
        places = {(f.place.path, f.place.column) for f in new if f.rule == case.rule and f.place}
        assert case.place in places


def _speaks_plainly(finding: Finding) -> bool:
    """Return whether the words are there in both languages, filled in, without IRIs of ours."""
    texts = [text(lang) for text in (finding.message, finding.remedy) for lang in ("zh", "en")]
    joined = "".join(texts)
    chinese = all(any("\u4e00" <= c <= "\u9fff" for c in texts[i]) for i in (0, 2))
    return chinese and all(texts) and not {"{", "}"} & set(joined) and vocab.BASE not in joined


def test_the_row_of_a_place_is_that_of_the_subject(check: Check, origins: dict[str, Place]) -> None:
    report = check("term:win-rate so:uses term:crm-system .")
    place = next(f.place for f in report.findings if f.rule == "relation-unclaimed")
    row = origins[vocab.TERM + "win-rate"]

    assert Place(row.path, row.row) == place


def test_a_relation_is_placed_in_its_own_row_where_that_is_known(check: Check) -> None:
    add = claimed("term:win-rate", "so:uses", "term:no-such-thing")
    report = check(add, more={vocab.CLAIM + "t1": Place("data/relations.csv", 7)})
    places = [f.place for f in report.findings if f.rule == "relation-end"]

    assert [Place("data/relations.csv", 7, "object")] == places


def test_every_rule_has_a_case(root: Path) -> None:
    codes = {rule.code for rule in read_rules(root / "ontology" / "rules")}

    assert {case.rule for case in CASES} | {"definition-missing"} == codes


def test_a_summary_is_one_finding_with_count_and_examples(check: Check, clean: Report) -> None:
    """Taking one more definition away raises the count by one and adds no finding."""
    sentence = "'Won deals divided by all closed deals'@en"
    report = check(remove=f"term:win-rate skos:definition {sentence} .")
    before, after = (
        [finding for finding in found.findings if finding.rule == "definition-missing"]
        for found in (clean, report)
    )
    counts = [int(finding.message("en").split()[0]) for finding in (*before, *after)]

    assert [1, 1] == [len(before), len(after)]
    assert counts[0] + 1 == counts[1]
    assert 2 == before[0].message("zh").count("、")


def test_the_shipped_graph_breaks_no_rule(clean: Report) -> None:
    """What is left is information: metrics without formula, concepts without definition."""
    assert () == clean.at_least("warning")
    assert {"definition-missing", "metric-formula"} >= {f.rule for f in clean.findings}
    assert "term:customer-health-score" in {f.focus for f in clean.findings}


@dataclass(frozen=True)
class End:
    """One end of a predicate that takes only some kinds, and a relation that breaks it."""

    predicate: str
    side: str

    @property
    def focus(self) -> str:
        """Return the CURIE that the finding must name."""
        return f"term:{self.predicate.lower()}-{self.side}-s"

    @property
    def turtle(self) -> str:
        """Return a relation both of whose ends are of a kind that nobody knows."""
        return f"{self.focus} so:{self.predicate} {self.focus}o . " + " ".join(
            f"{name} so:kind 'Odd' ." for name in (self.focus, f"{self.focus}o")
        )


def test_each_end_of_each_predicate_takes_only_its_kinds(
    sources: Compiled, root: Path, no_shapes: Path
) -> None:
    """A wrong kind is found at its end, once per relation, in words of both languages."""
    sides = {vocab.SO + "subjectKind": "domain", vocab.SO + "objectKind": "range"}
    ontology = [q for q in sources.quads if q.graph_name == ox.NamedNode(vocab.ONTOLOGY_GRAPH)]
    ends = {
        End(vocab.local_name(str(quad.subject)[1:-1]), side)
        for quad in ontology
        if (side := sides.get(quad.predicate.value))
    }
    graph = "".join(end.turtle for end in ends)
    with open_store() as broken:
        broken.extend(ontology)
        broken.extend(ox.parse(HEAD + graph, format=ox.RdfFormat.TURTLE))
        report = validate(broken, rules=root / "ontology" / "rules", shapes=no_shapes)
    found = {(f.rule, f.focus): f for f in report.findings if f.rule.startswith("relation-")}

    assert len(ends) > 90
    for end in ends:
        finding = found[f"relation-{end.side}", end.focus]
        assert "Odd" in finding.message("zh")
        assert "one of: " in finding.message("en")
        assert vocab.BASE not in finding.message("zh") + finding.message("en")


@pytest.mark.domain
def test_the_kinds_take_in_those_of_the_domain_data(domain: Path, store: Store) -> None:
    """What the domain data allows is allowed; our own relations need some kinds more."""
    given = json.loads((domain / "source_relations.json").read_text(encoding="utf-8"))
    for name, side in (("subjectKind", "domain"), ("objectKind", "range")):
        for row in given["predicates"]:
            triples = store.triples(vocab.SO + row["id"], vocab.SO + name)
            found = {str(triple.object).strip('"') for triple in triples}
            assert not found if "Concept" in row[side] else found >= set(row[side]), row["id"]
