"""Owns the namespaces, the prefix map, CURIE <-> IRI, and our own terms as constants."""

from __future__ import annotations

import re

from kg.errors import TermError

__all__ = [
    "ADDED",
    "ASSERTED",
    "BASE",
    "CLAIM",
    "DCTERMS",
    "DEFINITION",
    "FIELD",
    "FORMULA",
    "INFERRED",
    "LOOKALIKE",
    "MEASURE",
    "OBJECT",
    "ONTOLOGY",
    "ONTOLOGY_GRAPH",
    "OWL",
    "PARAMETER",
    "PASSAGE",
    "POSITION",
    "PREFIXES",
    "PROV",
    "RDF",
    "RDFS",
    "REMOVED",
    "SCHEME",
    "SH",
    "SKOS",
    "SO",
    "SOURCE",
    "TERM",
    "TOPIC",
    "UNIT",
    "VARIANT",
    "XSD",
    "asserted_graph",
    "contract",
    "expand",
    "local_name",
]

BASE = "https://w3id.org/salesops/"
ONTOLOGY = BASE + "ontology"
SO = BASE + "ontology#"
TERM = BASE + "concept/"
MEASURE = BASE + "measure/"
FIELD = BASE + "field/"
OBJECT = BASE + "object/"
PARAMETER = BASE + "parameter/"
VARIANT = BASE + "variant/"
LOOKALIKE = BASE + "lookalike/"
PASSAGE = BASE + "passage/"
CLAIM = BASE + "claim/"
FORMULA = BASE + "formula/"
DEFINITION = BASE + "definition/"
SOURCE = BASE + "source/"
TOPIC = BASE + "topic/"
UNIT = BASE + "unit/"
POSITION = BASE + "position/"
SCHEME = BASE + "scheme"

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
PROV = "http://www.w3.org/ns/prov#"
SH = "http://www.w3.org/ns/shacl#"

PREFIXES: dict[str, str] = {
    "claim": CLAIM,
    "dcterms": DCTERMS,
    "field": FIELD,
    "lookalike": LOOKALIKE,
    "measure": MEASURE,
    "object": OBJECT,
    "owl": OWL,
    "passage": PASSAGE,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "sh": SH,
    "skos": SKOS,
    "so": SO,
    "source": SOURCE,
    "term": TERM,
    "topic": TOPIC,
    "variant": VARIANT,
    "xsd": XSD,
}

# Namespaces of ours that have no prefix: their names are seldom written by hand.
_OTHERS = (UNIT, FORMULA, DEFINITION, POSITION, PARAMETER)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NOT_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]")

ASSERTED = "urn:kg:asserted/"
INFERRED = "urn:kg:inferred"
ONTOLOGY_GRAPH = "urn:kg:ontology"
# In a comparison of two graphs: what only the old one holds, and only the new one.
REMOVED = "urn:kg:removed"
ADDED = "urn:kg:added"


def asserted_graph(source: str) -> str:
    """Return the IRI of the named graph that holds what `source` asserts.

    >>> asserted_graph("answer1")
    'urn:kg:asserted/answer1'
    """
    return ASSERTED + source


def expand(curie: str) -> str:
    """Return the IRI of a CURIE with a known prefix; raise TermError for what is no such CURIE.

    >>> expand("term:win-rate")
    'https://w3id.org/salesops/concept/win-rate'
    """
    prefix, colon, name = curie.partition(":")
    if not colon or prefix not in PREFIXES or _NOT_IN_IRI.search(name):
        raise TermError("term-unknown", term=curie, candidates=tuple(sorted(PREFIXES)))
    return PREFIXES[prefix] + name


def is_iri(text: str) -> bool:
    """Return whether a text is an absolute IRI (RFC 3987, by its scheme and what it never holds).

    >>> is_iri("https://w3id.org/salesops/concept/win-rate"), is_iri("win rate")
    (True, False)
    """
    return bool(_SCHEME.match(text)) and not _NOT_IN_IRI.search(text)


def contract(iri: str) -> str:
    """Return the CURIE of an IRI, or the IRI itself where no prefix fits (longest prefix wins).

    >>> contract("https://w3id.org/salesops/concept/win-rate")
    'term:win-rate'
    """
    best = max(
        (item for item in PREFIXES.items() if iri.startswith(item[1]) and len(iri) > len(item[1])),
        key=lambda item: len(item[1]),
        default=None,
    )
    return f"{best[0]}:{iri.removeprefix(best[1])}" if best else iri


def local_name(iri: str) -> str:
    """Return the part of an IRI of ours after its namespace (the id), else the IRI itself.

    >>> local_name("https://w3id.org/salesops/concept/win-rate")
    'win-rate'
    """
    for namespace in _OTHERS:
        if iri.startswith(namespace):
            return iri.removeprefix(namespace)
    curie = contract(iri)
    return iri if curie == iri else curie.partition(":")[2]
