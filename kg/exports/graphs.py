"""Owns the exports for programs: Turtle, JSON-LD and N-Triples, and GraphML and GEXF for drawing.

Turtle comes from pyoxigraph over sorted triples: on the whole graph it takes a fiftieth of rdflib's
time, and writes plain strings without a datatype. Its prefixes come in random order, so the header
is sorted afterwards. JSON-LD is written here, since pyoxigraph knows no context.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

import pyoxigraph as ox

from kg import vocab as v
from kg.errors import ExportError
from kg.exports.selection import Selection, clean, select_glossary, select_triples
from kg.phrasing import evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import networkx as nx

    from kg.model import Concept, Glossary, Lang, Relation
    from kg.store import Store

__all__ = [
    "jsonld_context",
    "turtle",
    "write_gexf",
    "write_graphml",
    "write_jsonld",
    "write_ntriples",
    "write_turtle",
]

Json = object
Rule = dict[str, str]

_ALL = Selection()
_TYPE = v.RDF + "type"
_SAFE_INTEGER = 2**53  # beyond it JavaScript rounds


def write_turtle(store: Store, out: BinaryIO, selection: Selection = _ALL) -> None:
    """Write the selected triples as sorted Turtle with our prefixes; it reads back equal."""
    out.write(turtle(select_triples(store, selection), v.PREFIXES))


def turtle(triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> bytes:
    """Return sorted triples as Turtle with a sorted header, a blank line between subjects."""
    data = BytesIO()
    ox.serialize(triples, data, format=ox.RdfFormat.TURTLE, prefixes=dict(prefixes))
    lines = data.getvalue().split(b"\n")  # line ends inside literals are escaped
    head = [line for line in lines if line.startswith(b"@prefix ")]
    body = b"\n".join(lines[len(head) :]).replace(b" .\n", b" .\n\n").replace(b"\n\t", b"\n    ")
    return b"\n".join([*sorted(head), b"", body.rstrip(b"\n"), b""])


def write_ntriples(store: Store, out: BinaryIO, selection: Selection = _ALL) -> None:
    """Write the selected triples as N-Triples, sorted."""
    triples = select_triples(store, selection)
    out.write("".join(f"{triple} .\n" for triple in triples).encode())


def write_jsonld(store: Store, out: BinaryIO, selection: Selection = _ALL) -> None:
    """Write the selected triples as JSON-LD with the context inside, one node a line.

    Raises ExportError for a triple about a triple, which JSON-LD cannot hold.
    """
    triples = select_triples(store, selection)
    compactor = _Compactor(triples)
    nodes: dict[str, dict[str, Json]] = {}
    for triple in triples:
        subject = compactor.reference(triple.subject)
        compactor.add(nodes.setdefault(subject, {"@id": subject}), triple)
    rules = ",\n".join(f" {_json(k)}: {_json(rule)}" for k, rule in compactor.context().items())
    body = ",\n".join(_json(node) for node in nodes.values())
    out.write(f'{{"@context": {{\n{rules}\n}},\n"@graph": [\n{body}\n]}}\n'.encode())


def jsonld_context(triples: Iterable[ox.Triple]) -> dict[str, str | Rule]:
    """Return the JSON-LD context that `write_jsonld` puts over these triples.

    Our own predicates go by their bare names, all others as CURIEs; texts with a language stand
    in one map by language, and links are plain strings.

    >>> label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    >>> triple = ox.Triple(ox.NamedNode("urn:x"), label, ox.Literal("漏斗", language="zh"))
    >>> jsonld_context([triple])["skos:prefLabel"]
    {'@id': 'skos:prefLabel', '@container': '@language'}
    """
    return _Compactor(list(triples)).context()


def write_graphml(store: Store, out: BinaryIO, selection: Selection = _ALL) -> None:
    """Write concepts and relations as GraphML; parallel relations stay apart by their edge id."""
    from networkx.readwrite.graphml import GraphMLWriter

    graph = _drawing(select_glossary(store, selection), selection.lang)
    GraphMLWriter(graph).dump(out)


def write_gexf(store: Store, out: BinaryIO, selection: Selection = _ALL) -> None:
    """Write concepts and relations as GEXF for Gephi, without the date that NetworkX stamps."""
    from networkx.readwrite.gexf import GEXFWriter

    graph = _drawing(select_glossary(store, selection), selection.lang)
    for _, _, name, values in graph.edges(keys=True, data=True):
        values["id"] = name
    writer = GEXFWriter(graph)
    for meta in writer.xml.iter("meta"):
        meta.attrib.clear()
    for creator in writer.xml.iter("creator"):
        creator.text = "salesops-kg"
    writer.write(out)


def _drawing(glossary: Glossary, lang: Lang) -> nx.MultiDiGraph[str]:
    """Return concepts as nodes and asserted or inferred relations as edges, all values texts."""
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    many = Counter(concept.id for concept in glossary.concepts.values())
    keys = {
        iri: clean(concept.id if many[concept.id] == 1 else v.contract(iri))
        for iri, concept in sorted(glossary.concepts.items())
    }
    for iri, key in keys.items():
        graph.add_node(key, id=key, **_filled(_node(glossary, glossary.concepts[iri], lang)))
    for relation in sorted(glossary.relations, key=lambda r: (r.subject, r.predicate, r.object)):
        if relation.asserted and relation.subject in keys and relation.object in keys:
            ends = keys[relation.subject], keys[relation.object]
            name = f"{ends[0]}--{v.contract(relation.predicate)}--{ends[1]}"
            graph.add_edge(*ends, clean(name), **_filled(_edge(glossary, relation, lang)))
    return graph


def _node(glossary: Glossary, concept: Concept, lang: Lang) -> dict[str, str]:
    topic = next((t.label(lang) for t in glossary.topics if t.id == concept.topic), "")
    return {
        "label": concept.pref_label(lang),
        "label_zh": concept.pref_label("zh"),
        "label_en": concept.pref_label("en"),
        "iri": concept.iri,
        "kind": concept.kind,
        "kind_label": glossary.kind_label(concept.kind, lang),
        "topic": concept.topic,
        "topic_label": topic,
        "tier": concept.tier,
        "definition": concept.definition(lang) or "",
    }


def _edge(glossary: Glossary, relation: Relation, lang: Lang) -> dict[str, str]:
    predicate = glossary.predicates[relation.predicate]
    return {
        "label": predicate.label(lang),
        "label_zh": predicate.label("zh"),
        "label_en": predicate.label("en"),
        "predicate": predicate.id,
        "strength": relation.strength,
        "confidence": relation.confidence if relation.claims else "",
        "sources": " | ".join(relation.sources),
        "evidence": evidence(relation, lang, glossary=glossary),
    }


def _filled(values: dict[str, str]) -> dict[str, str]:
    """Return the values that are not empty, without characters that XML cannot hold."""
    return {key: clean(value) for key, value in values.items() if value}


class _Compactor:
    """Shortens IRIs and values by a context that is made from the triples at hand."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        shapes: dict[str, set[str]] = defaultdict(set)
        schemes: set[str] = set()
        for triple in triples:
            terms = (triple.subject, triple.predicate, triple.object)
            schemes.update(_scheme(term) for term in terms)
            if triple.predicate.value != _TYPE:
                shapes[triple.predicate.value].add(_shape(triple.object))
        # A prefix that is also the scheme of some IRI would change that IRI.
        self.prefixes = {p: iri for p, iri in sorted(v.PREFIXES.items()) if p not in schemes}
        self.names = {predicate: self._name(predicate) for predicate in sorted(shapes)}
        self.shapes = {
            p: next(iter(found)) if len(found) == 1 else "" for p, found in shapes.items()
        }

    def _name(self, predicate: str) -> str:
        bare = predicate.removeprefix(v.SO)
        ours = bare != predicate and bare.isidentifier() and bare not in v.PREFIXES
        return bare if ours else self.iri(predicate)

    def context(self) -> dict[str, str | Rule]:
        """Return the prefixes, then a rule for each predicate."""
        out: dict[str, str | Rule] = {**self.prefixes}
        for predicate, name in self.names.items():
            rule = {"@id": self.iri(predicate)}
            if self.shapes[predicate] == "link":
                rule["@type"] = "@id"
            elif self.shapes[predicate] == "text":
                rule["@container"] = "@language"
            out[name] = rule
        return out

    def iri(self, iri: str) -> str:
        """Return the CURIE of an IRI where it has one that reads back, else the IRI."""
        prefix, _, name = v.contract(iri).partition(":")
        return f"{prefix}:{name}" if prefix in self.prefixes and not name.startswith("//") else iri

    def reference(self, term: object) -> str:
        """Return how a node is named: CURIE, IRI, or blank node label."""
        if isinstance(term, ox.NamedNode):
            return self.iri(term.value)
        if isinstance(term, ox.BlankNode):
            return str(term)
        raise ExportError("export-format", format="jsonld", known=("turtle", "ntriples"))

    def add(self, node: dict[str, Json], triple: ox.Triple) -> None:
        """Add the object of a triple to the JSON of its subject."""
        target, predicate = triple.object, triple.predicate.value
        if predicate == _TYPE:
            _append(node, "@type", self.reference(target))
            return
        name, shape = self.names[predicate], self.shapes[predicate]
        if shape == "text" and isinstance(target, ox.Literal):
            texts = node.setdefault(name, {})
            _append(texts, target.language or "", target.value)  # type: ignore[arg-type]
        elif shape == "link":
            _append(node, name, self.reference(target))
        else:
            _append(node, name, self.value(target))

    def value(self, term: object) -> Json:
        """Return a term as the plainest JSON that reads back as the same term."""
        if not isinstance(term, ox.Literal):
            return {"@id": self.reference(term)}
        if term.language:
            return {"@language": term.language, "@value": term.value}
        text, datatype = term.value, term.datatype.value
        if datatype == v.XSD + "string":
            return text
        if datatype == v.XSD + "boolean" and text in ("true", "false"):
            return text == "true"
        if datatype == v.XSD + "integer" and _plain_integer(text):
            return int(text)
        return {"@type": self.iri(datatype), "@value": text}


def _scheme(term: object) -> str:
    """Return the scheme of an IRI or of a datatype, or an empty text."""
    iri = term.datatype if isinstance(term, ox.Literal) else term
    return iri.value.partition(":")[0] if isinstance(iri, ox.NamedNode) else ""


def _shape(term: object) -> str:
    """Return "text" (with a language), "value" (any other literal) or "link"."""
    if isinstance(term, ox.Literal):
        return "text" if term.language else "value"
    return "link"


def _plain_integer(text: str) -> bool:
    if not text.removeprefix("-").isdecimal() or len(text) > len(str(-_SAFE_INTEGER)):
        return False
    return str(int(text)) == text and abs(int(text)) < _SAFE_INTEGER


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _append(node: dict[str, Json], key: str, value: Json) -> None:
    """Put a value under a key; several become a list."""
    found = node.get(key)
    if found is None:
        node[key] = value
    elif isinstance(found, list):
        found.append(value)
    else:
        node[key] = [found, value]
