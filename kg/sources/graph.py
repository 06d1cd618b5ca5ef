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
from kg.sources.measurement import METRIC_FACTS, add_measurement
from kg.sources.quads import PRODUCT, Quads, answer_of, passage_node

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
    **{(v.SO + name, ""): column for column, name in METRIC_FACTS.items()},
    (v.SO + "expression", ""): "formula",
    (v.SO + "measures", ""): "measures",
    (v.SO + "filterNote", "zh"): "filter_zh",
    (v.SO + "filterNote", "en"): "filter_en",
    (v.SO + "grain", ""): "grain",
    (v.SO + "translatedFrom", ""): "definition_en",
    (v.SO + "owner", ""): "owner",
    (v.SO + "status", ""): "status",
    (v.SO + "reviewedOn", ""): "reviewed",
    (v.SO + "effectiveFrom", ""): "effective",
    (v.DCTERMS + "isReplacedBy", ""): "replaced_by",
}


_CLASS = (v.RDF + "type", ox.NamedNode(v.OWL + "Class"))
_TEXTS = {"definition": "definition", "scope_note": "scopeNote", "note": "editorialNote"}
# Why a term is filed where it is: filing says nothing of the world.
_FILED = {
    "zh": "归类只为便于浏览,不表示“是一种”或“是一部分”。",
    "en": "Filed there for browsing only; neither a kind nor a part is claimed.",
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
        elif (predicate, quad.object) == _CLASS and subject.value.startswith(v.SO):
            classes.add(subject.value.removeprefix(v.SO))
    predicates.pop(v.SKOS + "broader", None)
    return Vocabulary({**predicates, "isA": v.SKOS + "broader"}, frozenset(classes))


def compile_tables(tables: Tables, vocabulary: Vocabulary) -> Compiled:
    """Return the graph that `tables` describe; rows with faults must have been refused before."""
    claims: dict[str, list[Row]] = {}
    for row in tables["claims"]:
        claims.setdefault(row["relation"], []).append(row)
    quads = Quads()
    writer = _Writer(quads, vocabulary)
    writer.scheme(tables)
    steps: dict[str, Callable[[Row], None]] = {
        "sources": writer.source,
        "passages": writer.passage,
        "topics": writer.topic,
        "concepts": writer.concept,
        "definitions": writer.definition,
        "relations": lambda row: writer.relation(row, claims),
        "stages": writer.stage,
        "lookalikes": writer.lookalike,
        "lookalike_members": writer.lookalike_member,
        "alignments": writer.alignment,
        "translations": writer.translation,
    }
    for name, write in steps.items():
        for row in tables[name]:
            write(row)
    add_measurement(quads, tables)
    writer.releases(tables["release"])
    return Compiled(tuple(dict.fromkeys(quads.quads)), quads.origins)


def concept_hash(lines: Iterable[str]) -> str:
    """Return the fingerprint of a concept from the N-Triples lines about it, in any order."""
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]


def _claim_iri(row: Row) -> str:
    return f"{v.CLAIM}{row['relation']}-{v.local_name(passage_node(row['passage']).value)}"


class _Writer:
    """Turns rows into quads; one method per table."""

    def __init__(self, quads: Quads, vocabulary: Vocabulary) -> None:
        self.quads = quads
        self.vocabulary = vocabulary

    def labels(self, subject: str, row: Row) -> None:
        self.quads.texts(subject, v.SKOS + "prefLabel", row, "")

    # -- provenance
    def source(self, row: Row) -> None:
        subject = v.SOURCE + row["id"]
        self.quads.typed(subject, v.SO + "Source", row)
        self.quads.texts(subject, v.RDFS + "label", row, "")

    def passage(self, row: Row) -> None:
        subject = passage_node(row["code"]).value
        self.quads.typed(subject, v.SO + "Passage", row)
        self.quads.whole(subject, v.SO + "answer", row["answer"])
        self.quads.text(subject, v.SO + "locator", row["locator"])
        self.quads.whole(subject, v.SO + "line", row["line"])
        if source := answer_of(row["code"]):
            self.quads.link(subject, v.DCTERMS + "isPartOf", v.SOURCE + source)

    # -- filing
    def scheme(self, tables: Tables) -> None:
        self.quads.link(v.SCHEME, v.RDF + "type", v.SKOS + "ConceptScheme")
        self.quads.text(v.SCHEME, v.SKOS + "prefLabel", "销售运营术语表", "zh")
        self.quads.text(v.SCHEME, v.SKOS + "prefLabel", "Sales operations glossary", "en")
        self.quads.link(v.SCHEME, v.RDFS + "seeAlso", v.TERM + "sales-operations-terminology")
        isa = {row["subject"] for row in tables["relations"] if row["predicate"] == "isA"}
        wider = {row["parent"] for row in tables["concepts"] if row["parent_relation"] == "broader"}
        for row in tables["concepts"]:
            below = row["parent_relation"] == "broader" or row["id"] in isa
            if row["id"] in wider and not below:
                self.quads.link(v.SCHEME, v.SKOS + "hasTopConcept", v.TERM + row["id"])
                self.quads.link(v.TERM + row["id"], v.SKOS + "topConceptOf", v.SCHEME)

    def topic(self, row: Row) -> None:
        subject = v.TOPIC + row["id"]
        self.quads.typed(subject, v.SKOS + "Collection", row)
        self.labels(subject, row)
        self.quads.whole(subject, v.SO + "order", row["order"])
        self.quads.texts(subject, v.SKOS + "definition", row, "scope")

    # -- concepts and what is said of them
    def concept(self, row: Row) -> None:
        subject = v.TERM + row["id"]
        topic = v.TOPIC + row.path.rpartition("/")[2].removesuffix(".csv")
        self.quads.typed(subject, v.SKOS + "Concept", row)
        for kind in (row["kind"], row["class"] or row["kind"]):
            class_ = kind if kind in self.vocabulary.classes else "Term"
            self.quads.link(subject, v.RDF + "type", v.SO + class_)
        self.quads.text(subject, v.SO + "kind", row["kind"])
        self.quads.text(subject, v.SO + "tier", row["tier"])
        self.quads.link(subject, v.SO + "topic", topic)
        self.quads.link(topic, v.SKOS + "member", subject)
        self.quads.link(subject, v.SKOS + "inScheme", v.SCHEME)
        self.labels(subject, row)
        for lang in ("zh", "en"):
            for value in row.many(f"alt_{lang}"):
                self.quads.text(subject, v.SKOS + "altLabel", value, lang)
            for value in row.many(f"hidden_{lang}"):
                self.quads.text(subject, v.SKOS + "hiddenLabel", value, lang)
        for column, name in _TEXTS.items():
            self.quads.texts(subject, v.SKOS + name, row, column)
        for code in (*row.many("passages"), *row.many("mentions")):
            source = answer_of(code) or PRODUCT
            self.quads.add(subject, v.SO + "mentionedIn", passage_node(code), source)
        if row["parent"]:
            self._parent(row)
        self._stewardship(subject, row)

    def _stewardship(self, subject: str, row: Row) -> None:
        """Add who keeps the term, how far it is agreed, and since when it holds."""
        if row["owner"]:
            self.quads.link(subject, v.SO + "owner", v.TERM + row["owner"])
        self.quads.text(subject, v.SO + "status", row["status"])
        self.quads.value(subject, v.SO + "reviewedOn", row["reviewed"], "date")
        self.quads.value(subject, v.SO + "effectiveFrom", row["effective"], "date")
        if row["status"] == "deprecated":
            self.quads.value(subject, v.OWL + "deprecated", "true", "boolean")
        if row["replaced_by"]:
            self.quads.link(subject, v.DCTERMS + "isReplacedBy", v.TERM + row["replaced_by"])

    def definition(self, row: Row) -> None:
        """Add what one passage makes of a term, beside the definition that is ours."""
        passage = passage_node(row["passage"])
        source = answer_of(row["passage"]) or PRODUCT
        subject = f"{v.DEFINITION}{row['concept']}-{v.local_name(passage.value)}"
        self.quads.typed(subject, v.SO + "Definition", row, source)
        self.quads.link(subject, v.SO + "definitionOf", v.TERM + row["concept"], source)
        self.quads.link(v.TERM + row["concept"], v.SO + "hasDefinition", subject, source)
        self.quads.texts(subject, v.RDF + "value", row, "", source)
        self.quads.add(subject, v.PROV + "wasDerivedFrom", passage, source)
        if source != PRODUCT:
            self.quads.whole(subject, v.SO + "answer", source[-1], source)

    def _parent(self, row: Row) -> None:
        """Add the parent with its one claim: implied by the first passage, or our own."""
        name = {"broader": v.SKOS + "broader"}.get(
            row["parent_relation"], v.SO + row["parent_relation"]
        )
        triple = (v.TERM + row["id"], name, v.TERM + row["parent"])
        code = next((c for c in row.many("passages") if answer_of(c)), PRODUCT)
        strength = PRODUCT if code == PRODUCT else "implied"
        claim = self.quads.claim(f"parent-{row['id']}", code, triple, strength, row)
        graph = answer_of(code) or PRODUCT
        if strength == "implied":
            self.quads.text(claim, v.SO + "confidence", "normal", source=graph)
        if row["parent_relation"] == "topicOf":
            for lang, text in _FILED.items():
                self.quads.text(claim, v.SO + "reason", text, lang, graph)
        else:
            self.quads.texts(claim, v.SO + "reason", row, "parent_reason", graph)
        self.quads.link(*triple, graph)

    def relation(self, row: Row, claims: dict[str, list[Row]]) -> None:
        self.quads.origins.setdefault(v.CLAIM + row["id"], row.place())
        name = self.vocabulary.predicates[row["predicate"]]
        triple = (v.TERM + row["subject"], name, v.TERM + row["object"])
        for at in claims.get(row["id"], ()):
            source = answer_of(at["passage"]) or PRODUCT
            claim = self.quads.claim(row["id"], at["passage"], triple, at["strength"], at)
            self.quads.whole(claim, v.SO + "sentence", at["sentence"], source)
            for column in ("confidence", "inference", "modality"):
                self.quads.text(claim, v.SO + column, at[column], source=source)
            self.quads.text(claim, v.SO + "lag", at["lag"], source=source)
            self.quads.texts(claim, v.SO + "reason", at, "reason", source)
            for model in at.many("scope"):
                self.quads.link(claim, v.SO + "scope", v.TERM + model, source)
            # Where the source disagrees with itself both claims stay, and neither becomes a triple.
            for other in claims.get(at["contradicts"], ()):
                self.quads.link(claim, v.SO + "contradicts", _claim_iri(other), source)
            if not at["contradicts"]:
                self.quads.link(*triple, source)

    def stage(self, row: Row) -> None:
        subject = f"{v.POSITION}{row['model']}/{row['position']}"
        self.quads.typed(subject, v.SO + "StagePosition", row)
        self.quads.link(subject, v.SO + "inModel", v.TERM + row["model"])
        self.quads.link(subject, v.SO + "ofStage", v.TERM + row["stage"])
        self.quads.whole(subject, v.SO + "position", row["position"])

    # -- comparisons and alignments
    def lookalike(self, row: Row) -> None:
        subject = v.LOOKALIKE + row["id"]
        self.quads.typed(subject, v.SO + "LookalikeSet", row)
        self.quads.texts(subject, v.RDFS + "label", row, "")
        self.quads.texts(subject, v.SO + "question", row, "question")

    def lookalike_member(self, row: Row) -> None:
        group, term = v.LOOKALIKE + row["set"], v.TERM + row["concept"]
        subject = f"{group}/{row['concept']}"
        self.quads.typed(subject, v.SO + "LookalikeEntry", row)
        self.quads.link(group, v.SO + "compares", term)
        self.quads.link(subject, v.SO + "entryOf", group)
        self.quads.link(subject, v.SO + "about", term)
        self.quads.texts(subject, v.SO + "decidedBy", row, "answer")
        self.quads.texts(subject, v.SO + "distinction", row, "distinction")

    def alignment(self, row: Row) -> None:
        """Add a match with a term of another vocabulary, where its name was seen there."""
        subject = v.expand(row["subject"])
        node = f"{v.BASE}mapping/{row['subject'].replace(':', '/')}/{row['vocabulary']}"
        node = f"{node}/{hashlib.sha256(row['object'].encode()).hexdigest()[:8]}"
        self.quads.typed(node, v.SO + "Mapping", row)
        self.quads.link(node, v.SO + "mapsFrom", subject)
        self.quads.link(node, v.SO + "mapsTo", row["object"])
        self.quads.link(node, v.SO + "matchKind", v.SKOS + row["relation"])
        self.quads.text(node, v.SO + "vocabularyName", row["vocabulary"])
        self.quads.flag(node, v.SO + "verified", on=row["seen"] == "yes")
        self.quads.texts(node, v.RDFS + "comment", row, "note")
        if row["seen"] == "yes" and row["subject"].startswith("term:"):
            self.quads.link(subject, v.SKOS + row["relation"], row["object"])

    def translation(self, row: Row) -> None:
        """Add the fingerprint of the Chinese definition that the English was last read against."""
        self.quads.text(v.TERM + row["concept"], v.SO + "translatedFrom", row["hash"])

    # -- releases
    def releases(self, rows: list[Row]) -> None:
        latest: dict[str, Row] = {row["concept"]: row for row in rows}
        for name, row in latest.items():
            self.quads.value(v.TERM + name, v.DCTERMS + "modified", row["date"], "date")
        if rows:
            self.quads.text(v.SCHEME, v.OWL + "versionInfo", rows[-1]["version"])


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
