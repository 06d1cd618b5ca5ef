"""Owns turning the tables of data/ into quads: which cell becomes which triple, in which graph.

What an answer of the source page says (relations, claims, where a term is mentioned) stands in
`urn:kg:asserted/answer1..4`; everything editorial (labels, kinds, English, formulas, our own
relations) stands in `urn:kg:asserted/product`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import vocab as v
from kg.formula import formula_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.model import Place
    from kg.sources.tables import Row, Tables

__all__ = [
    "PREDICATE_COLUMNS",
    "Compiled",
    "Vocabulary",
    "compile_tables",
    "concept_hash",
    "described",
    "read_vocabulary",
]

PRODUCT = "product"

# Which column a triple about a concept came from: (predicate, language) -> column.
PREDICATE_COLUMNS: dict[tuple[str, str], str] = {
    (v.SKOS + "prefLabel", "zh"): "zh",
    (v.SKOS + "prefLabel", "en"): "en",
    (v.SKOS + "altLabel", "zh"): "alt_zh",
    (v.SKOS + "altLabel", "en"): "alt_en",
    (v.SKOS + "hiddenLabel", "zh"): "hidden_zh",
    (v.SKOS + "hiddenLabel", "en"): "hidden_en",
    (v.SKOS + "definition", "zh"): "definition_zh",
    (v.SKOS + "definition", "en"): "definition_en",
    (v.SKOS + "scopeNote", "zh"): "scope_note_zh",
    (v.SKOS + "scopeNote", "en"): "scope_note_en",
    (v.SKOS + "editorialNote", "zh"): "note_zh",
    (v.SKOS + "editorialNote", "en"): "note_en",
    (v.SKOS + "broader", ""): "parent",
    (v.SO + "partOf", ""): "parent",
    (v.SO + "topicOf", ""): "parent",
    (v.SO + "kind", ""): "kind",
    (v.SO + "tier", ""): "tier",
    (v.SO + "mentionedIn", ""): "passages",
    (v.SO + "unit", ""): "unit",
    (v.SO + "direction", ""): "direction",
    (v.SO + "expression", ""): "formula",
    (v.SO + "measures", ""): "measures",
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the tables may use of the ontology: predicate IRI by local name, and class names."""

    predicates: dict[str, str]
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Compiled:
    """Quads in the order of the tables, and the row behind each subject."""

    quads: tuple[ox.Quad, ...]
    origins: dict[str, Place]


def read_vocabulary(ontology: Iterable[ox.Quad]) -> Vocabulary:
    """Return the predicates with a sentence template and the classes that an ontology declares."""
    predicates: dict[str, str] = {}
    classes: set[str] = set()
    for quad in ontology:
        subject, predicate = quad.subject, quad.predicate.value
        if not isinstance(subject, ox.NamedNode):
            continue
        if predicate == v.SO + "forwardPhrase":
            predicates[subject.value.removeprefix(v.SO)] = subject.value
        elif predicate == v.RDF + "type" and quad.object == ox.NamedNode(v.OWL + "Class"):
            classes.add(subject.value.removeprefix(v.SO))
    predicates.pop(v.SKOS + "broader", None)
    return Vocabulary({**predicates, "isA": v.SKOS + "broader"}, frozenset(classes))


def compile_tables(tables: Tables, vocabulary: Vocabulary) -> Compiled:
    """Return the graph that `tables` describe; rows with faults must have been refused before."""
    claims: dict[str, list[Row]] = {}
    for row in tables["claims"]:
        claims.setdefault(row["relation"], []).append(row)
    metrics = {row["id"].replace("-", "_"): row["id"] for row in tables["metrics"]}
    measures = {row["id"] for row in tables["measures"]}
    writer = _Writer(vocabulary)
    writer.scheme(tables)
    steps: dict[str, Callable[[Row], None]] = {
        "sources": writer.source,
        "passages": writer.passage,
        "topics": writer.topic,
        "concepts": writer.concept,
        "relations": lambda row: writer.relation(row, claims),
        "stages": writer.stage,
        "units": writer.unit,
        "fields": writer.field,
        "field_alignments": writer.alignment,
        "measures": writer.measure,
        "metrics": lambda row: writer.metric(row, metrics, measures),
    }
    for name, write in steps.items():
        for row in tables[name]:
            write(row)
    writer.releases(tables["release"])
    return Compiled(tuple(dict.fromkeys(writer.quads)), writer.origins)


def concept_hash(lines: Iterable[str]) -> str:
    """Return the fingerprint of a concept from the N-Triples lines about it, in any order."""
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]


def _answer(code: str) -> str | None:
    """Return the source of a passage code: "a2.7" -> "answer2", the title -> None."""
    return f"answer{code[1]}" if code.startswith("a") else None


def _passage(code: str) -> ox.NamedNode:
    return ox.NamedNode(v.PASSAGE + ("0" if code == "title" else code.removeprefix("a")))


def _claim_iri(row: Row) -> str:
    return f"{v.CLAIM}{row['relation']}-{v.local_name(_passage(row['passage']).value)}"


class _Writer:
    """Collects quads; one method per table."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.quads: list[ox.Quad] = []
        self.origins: dict[str, Place] = {}

    # -- the one place that makes a quad
    def add(
        self, subject: str, predicate: str, value: ox.NamedNode | ox.Literal, source: str = PRODUCT
    ) -> None:
        graph = ox.NamedNode(v.asserted_graph(source))
        self.quads.append(ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), value, graph))

    def link(self, subject: str, predicate: str, target: str, source: str = PRODUCT) -> None:
        self.add(subject, predicate, ox.NamedNode(target), source)

    def text(
        self,
        subject: str,
        predicate: str,
        value: str,
        lang: str | None = None,
        source: str = PRODUCT,
    ) -> None:
        if value:
            self.add(subject, predicate, ox.Literal(value, language=lang), source)

    def whole(self, subject: str, predicate: str, value: str, source: str = PRODUCT) -> None:
        if value:
            self.add(subject, predicate, ox.Literal(int(value)), source)

    def typed(self, subject: str, class_: str, row: Row, source: str = PRODUCT) -> None:
        self.link(subject, v.RDF + "type", class_, source)
        self.origins.setdefault(subject, row.place())

    def labels(self, subject: str, row: Row) -> None:
        for lang in ("zh", "en"):
            self.text(subject, v.SKOS + "prefLabel", row[lang], lang)

    # -- provenance
    def source(self, row: Row) -> None:
        subject = v.SOURCE + row["id"]
        self.typed(subject, v.SO + "Source", row)
        for lang in ("zh", "en"):
            self.text(subject, v.RDFS + "label", row[lang], lang)

    def passage(self, row: Row) -> None:
        subject = _passage(row["code"]).value
        self.typed(subject, v.SO + "Passage", row)
        self.whole(subject, v.SO + "answer", row["answer"])
        self.text(subject, v.SO + "locator", row["locator"])
        self.whole(subject, v.SO + "line", row["line"])
        if source := _answer(row["code"]):
            self.link(subject, v.DCTERMS + "isPartOf", v.SOURCE + source)

    # -- filing
    def scheme(self, tables: Tables) -> None:
        self.link(v.SCHEME, v.RDF + "type", v.SKOS + "ConceptScheme")
        self.text(v.SCHEME, v.SKOS + "prefLabel", "销售运营术语表", "zh")
        self.text(v.SCHEME, v.SKOS + "prefLabel", "Sales operations glossary", "en")
        self.link(v.SCHEME, v.RDFS + "seeAlso", v.TERM + "sales-operations-terminology")
        isa = {row["subject"] for row in tables["relations"] if row["predicate"] == "isA"}
        wider = {row["parent"] for row in tables["concepts"] if row["parent_relation"] == "broader"}
        for row in tables["concepts"]:
            below = row["parent_relation"] == "broader" or row["id"] in isa
            if row["id"] in wider and not below:
                self.link(v.SCHEME, v.SKOS + "hasTopConcept", v.TERM + row["id"])
                self.link(v.TERM + row["id"], v.SKOS + "topConceptOf", v.SCHEME)

    def topic(self, row: Row) -> None:
        subject = v.TOPIC + row["id"]
        self.typed(subject, v.SKOS + "Collection", row)
        self.labels(subject, row)
        self.whole(subject, v.SO + "order", row["order"])
        for lang in ("zh", "en"):
            self.text(subject, v.SKOS + "definition", row[f"scope_{lang}"], lang)

    # -- concepts and what is said of them
    def concept(self, row: Row) -> None:
        subject = v.TERM + row["id"]
        topic = v.TOPIC + row.path.rpartition("/")[2].removesuffix(".csv")
        self.typed(subject, v.SKOS + "Concept", row)
        for kind in (row["kind"], row["class"] or row["kind"]):
            class_ = kind if kind in self.vocabulary.classes else "Term"
            self.link(subject, v.RDF + "type", v.SO + class_)
        self.text(subject, v.SO + "kind", row["kind"])
        self.text(subject, v.SO + "tier", row["tier"])
        self.link(subject, v.SO + "topic", topic)
        self.link(topic, v.SKOS + "member", subject)
        self.link(subject, v.SKOS + "inScheme", v.SCHEME)
        self.labels(subject, row)
        for lang in ("zh", "en"):
            for value in row.many(f"alt_{lang}"):
                self.text(subject, v.SKOS + "altLabel", value, lang)
            for value in row.many(f"hidden_{lang}"):
                self.text(subject, v.SKOS + "hiddenLabel", value, lang)
            self.text(subject, v.SKOS + "definition", row[f"definition_{lang}"], lang)
            self.text(subject, v.SKOS + "scopeNote", row[f"scope_note_{lang}"], lang)
            self.text(subject, v.SKOS + "editorialNote", row[f"note_{lang}"], lang)
        for code in (*row.many("passages"), *row.many("mentions")):
            source = _answer(code) or PRODUCT
            self.add(subject, v.SO + "mentionedIn", _passage(code), source)
        if row["parent"]:
            self._parent(row)

    def _parent(self, row: Row) -> None:
        """Add the parent with its one claim: implied by the first passage, or our own."""
        name = {"broader": v.SKOS + "broader"}.get(
            row["parent_relation"], v.SO + row["parent_relation"]
        )
        triple = (v.TERM + row["id"], name, v.TERM + row["parent"])
        code = next((c for c in row.many("passages") if _answer(c)), PRODUCT)
        strength = PRODUCT if code == PRODUCT else "implied"
        claim = self._claim(f"parent-{row['id']}", code, triple, strength, row)
        if strength == "implied":
            self.text(claim, v.SO + "confidence", "normal", source=_answer(code) or PRODUCT)
        self.link(*triple, _answer(code) or PRODUCT)

    def relation(self, row: Row, claims: dict[str, list[Row]]) -> None:
        self.origins.setdefault(v.CLAIM + row["id"], row.place())
        name = self.vocabulary.predicates[row["predicate"]]
        triple = (v.TERM + row["subject"], name, v.TERM + row["object"])
        for at in claims.get(row["id"], ()):
            source = _answer(at["passage"]) or PRODUCT
            claim = self._claim(row["id"], at["passage"], triple, at["strength"], at)
            self.whole(claim, v.SO + "sentence", at["sentence"], source)
            for column in ("confidence", "inference", "modality"):
                self.text(claim, v.SO + column, at[column], source=source)
            for model in at.many("scope"):
                self.link(claim, v.SO + "scope", v.TERM + model, source)
            # Where the source disagrees with itself both claims stay, and neither becomes a triple.
            for other in claims.get(at["contradicts"], ()):
                self.link(claim, v.SO + "contradicts", _claim_iri(other), source)
            if not at["contradicts"]:
                self.link(*triple, source)

    def _claim(
        self, relation: str, code: str, triple: tuple[str, str, str], strength: str, row: Row
    ) -> str:
        source = _answer(code)
        node = _passage(code) if source else ox.NamedNode(v.SOURCE + PRODUCT)
        subject = f"{v.CLAIM}{relation}-{v.local_name(node.value)}"
        graph = source or PRODUCT
        self.typed(subject, v.SO + "Claim", row, graph)
        for name, value in zip(("subject", "predicate", "object"), triple, strict=True):
            self.link(subject, v.RDF + name, value, graph)
        self.text(subject, v.SO + "strength", strength, source=graph)
        self.add(subject, v.PROV + "wasDerivedFrom", node, graph)
        if source:
            self.whole(subject, v.SO + "answer", source[-1], graph)
        return subject

    def stage(self, row: Row) -> None:
        subject = f"{v.POSITION}{row['model']}/{row['position']}"
        self.typed(subject, v.SO + "StagePosition", row)
        self.link(subject, v.SO + "inModel", v.TERM + row["model"])
        self.link(subject, v.SO + "ofStage", v.TERM + row["stage"])
        self.whole(subject, v.SO + "position", row["position"])

    # -- measurement
    def unit(self, row: Row) -> None:
        subject = v.UNIT + row["id"]
        self.typed(subject, v.SO + "Unit", row)
        for lang in ("zh", "en"):
            self.text(subject, v.RDFS + "label", row[lang], lang)
        self.text(subject, v.SO + "dimension", row["dimension"])
        self.text(subject, v.SO + "expression", row["definition"])
        if row["see_also"]:
            self.link(subject, v.RDFS + "seeAlso", row["see_also"])

    def field(self, row: Row) -> None:
        subject = v.FIELD + row["id"]
        self.typed(subject, v.SO + "DataField", row)
        self.text(subject, v.RDFS + "label", row["id"])
        self.text(subject, v.SO + "object", row["object"])
        self.text(subject, v.SO + "fieldType", row["type"])

    def alignment(self, row: Row) -> None:
        subject = f"{v.BASE}alignment/{row['field']}/{row['system']}"
        self.typed(subject, v.SO + "FieldAlignment", row)
        self.link(subject, v.SO + "alignsField", v.FIELD + row["field"])
        self.text(subject, v.SO + "system", row["system"])
        self.text(subject, v.SO + "externalName", row["name"])
        self.add(subject, v.SO + "verified", ox.Literal(row["verified"] == "yes"))

    def measure(self, row: Row) -> None:
        subject = v.MEASURE + row["id"]
        self.typed(subject, v.SO + "BaseMeasure", row)
        self.text(subject, v.RDFS + "label", row["id"])
        self.text(subject, v.SO + "unit", row["unit"])
        self.text(subject, v.SO + "shape", row["shape"])
        if row["constant"]:
            decimal = ox.NamedNode(v.XSD + "decimal")
            self.add(subject, v.SO + "constant", ox.Literal(row["constant"], datatype=decimal))
        for name in row.many("fields"):
            self.link(subject, v.SO + "readsField", v.FIELD + name)
        for lang in ("zh", "en"):
            self.text(subject, v.SKOS + "definition", row[f"definition_{lang}"], lang)

    def metric(self, row: Row, metrics: dict[str, str], measures: set[str]) -> None:
        subject, formula = v.TERM + row["id"], v.FORMULA + row["id"]
        self.typed(formula, v.SO + "Formula", row)
        self.link(subject, v.SO + "hasFormula", formula)
        self.text(formula, v.SO + "expression", row["formula"])
        self.link(formula, v.PROV + "wasDerivedFrom", v.SOURCE + PRODUCT)
        for column in ("unit", "direction", "display"):
            self.text(subject, v.SO + column, row[column])
        for number, name in enumerate(formula_names(row["formula"])):
            operand = f"{formula}/{number}"
            self.typed(operand, v.SO + "Operand", row)
            self.link(formula, v.SO + "hasOperand", operand)
            # A base measure wins over a metric of the same name.
            if name in measures:
                self.link(operand, v.SO + "operandMeasure", v.MEASURE + name)
            else:
                self.link(operand, v.SO + "operandMetric", v.TERM + metrics[name])
        triple = (subject, v.SO + "measures", v.TERM + row["measures"])
        self._claim(f"measures-{row['id']}", PRODUCT, triple, PRODUCT, row)
        self.link(*triple)

    # -- releases
    def releases(self, rows: list[Row]) -> None:
        latest: dict[str, Row] = {row["concept"]: row for row in rows}
        date = ox.NamedNode(v.XSD + "date")
        for name, row in latest.items():
            self.add(v.TERM + name, v.DCTERMS + "modified", ox.Literal(row["date"], datatype=date))
        if rows:
            self.text(v.SCHEME, v.OWL + "versionInfo", rows[-1]["version"])


def described(quads: Iterable[ox.Quad]) -> Iterator[tuple[str, str]]:
    """Yield (concept id, N-Triples line) of every triple about a concept but its release date."""
    for quad in quads:
        subject = quad.subject
        if (
            isinstance(subject, ox.NamedNode)
            and subject.value.startswith(v.TERM)
            and quad.predicate.value != v.DCTERMS + "modified"
        ):
            yield subject.value.removeprefix(v.TERM), str(quad.triple)
