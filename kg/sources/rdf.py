"""Owns reading RDF files: bytes to quads, and each fault of a file with its line and column."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast
from xml.parsers import expat

import pyoxigraph as ox

from kg.errors import SourceError
from kg.vocab import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import rdflib

__all__ = ["FORMATS", "MAX_NESTING", "format_of", "read_rdf", "read_utf8", "to_rdflib"]

# The parser recurses on these: text nested far deeper ends the process instead of raising.
MAX_NESTING = 100  # JSON objects and arrays
_MAX_TERMS = 50  # triple terms <<( ... )>> within each other

FORMATS: dict[str, ox.RdfFormat] = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "n3": ox.RdfFormat.N3,
}
_SUFFIXES = {
    ".ttl": "turtle",
    ".nt": "ntriples",
    ".nq": "nquads",
    ".trig": "trig",
    ".jsonld": "jsonld",
    ".rdf": "rdfxml",
    ".owl": "rdfxml",
    ".n3": "n3",
}
_BOM = b"\xef\xbb\xbf"
_JSON = re.compile(rb'"(?:[^"\\]|\\.)*"|(?P<open>[{\[])|(?P<close>[}\]])', re.DOTALL)
_TURTLE = re.compile(
    rb'"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\''
    rb'|"(?:[^"\\\r\n]|\\.)*"|\'(?:[^\'\\\r\n]|\\.)*\'|\\.|#[^\r\n]*'
    rb"|(?P<open><<\()|(?P<close>\)>>)|<[^<>\s]*>",
    re.DOTALL,
)
_PLACE = re.compile(r"^Parser error (?:at|between) (?:line|columns)[\w ]*: ")
_ENTITY = re.compile(rb"<!ENTITY\s+(?:%\s*)?\S+\s+(?:\"[^\"]*[&%]|'[^']*[&%])")
_PartT = TypeVar("_PartT")

# What the parser says, and the same in Chinese.
_SAYINGS = (
    (r"A dot is expected|should be followed by a dot", "语句末尾缺少句点(.)"),
    (r"The prefix (\S+) has not been declared", r"前缀 \1 没有声明"),
    (r"Unexpected end", "文件在此处不完整,可能缺少引号或括号"),
    (r"No scheme found", "IRI 不完整,应以 http:// 等开头"),
    (r"remote contexts", "引用了网络上的 @context;请把它写进文件里"),
    (r"(.+) is not a valid predicate", r"\1 不能作谓语"),
    (r"(.+) is not a valid subject or graph name", r"\1 不能作主语"),
    (r"(.+) is not a valid RDF object", r"\1 不能作宾语"),
)


def format_of(path: Path | str, format: str | None = None) -> str:  # noqa: A002 - the CLI's word
    """Return the format asked for, else the one the file's ending stands for; raise SourceError.

    >>> format_of("terms.ttl")
    'turtle'
    """
    found = format or _SUFFIXES.get(Path(path).suffix.lower())
    if found not in FORMATS:
        known = tuple(FORMATS)
        name = format or Path(path).suffix or "-"
        raise SourceError("source-format", path=path, format=name, known=known)
    return found


def read_rdf(
    path: Path,
    *,
    format: str | None = None,  # noqa: A002 - the CLI's word
    base: str | None = None,
) -> Iterator[ox.Quad]:
    """Yield the quads of an RDF file; raise SourceError with line and column of the first fault.

    Nothing is fetched. Blank nodes are named after the bytes of the file: two files never share
    one, and the same file always gives the same quads.
    """
    name = format_of(path, format)
    data = read_utf8(path)
    if _nested_too_deep(data, name):
        limit = MAX_NESTING if name == "jsonld" else _MAX_TERMS
        raise SourceError("source-nesting", path=path, limit=limit)
    if name == "rdfxml" and (found := _ENTITY.search(data)):
        en, zh = "an entity made of entities", "实体中嵌套了实体"
        raise _fault(path, name, (en, zh), *_place_at(data, found.start()))
    try:
        yield from _named_apart(ox.parse(data, format=FORMATS[name], base_iri=base), data)
    except SyntaxError as error:
        line, column = error.lineno, error.offset
        if line is None or column is None:
            line, column = _find_place(data, name)
        raise _fault(path, name, _reason(error.msg), line, column) from error


def to_rdflib(triples: Iterable[ox.Triple] | Iterable[ox.Quad]) -> rdflib.Graph:
    """Return triples as an rdflib Graph in memory, with our prefixes bound."""
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    for prefix, iri in PREFIXES.items():
        graph.bind(prefix, iri)
    for triple in triples:
        graph.add(tuple(_term(t) for t in (triple.subject, triple.predicate, triple.object)))  # type: ignore[arg-type]
    return graph


def _term(term: object) -> object:
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        kind = rdflib.URIRef(term.datatype.value)
        return rdflib.Literal(term.value, datatype=kind, normalize=False)
    raise TypeError(term)


# -- bytes
def read_utf8(path: Path) -> bytes:
    """Return the UTF-8 bytes of a file without its byte order mark.

    Raises SourceError where it is missing, cannot be read, or is no UTF-8, with the place.
    """
    try:
        data = path.read_bytes().removeprefix(_BOM)
    except FileNotFoundError as error:
        raise SourceError("source-missing", path=path) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError("source-unreadable", path=path, reason=reason) from error
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line, column = _place_at(data, error.start)
        raise SourceError("source-encoding", path=path, line=line, column=column) from error
    return data


def _nested_too_deep(data: bytes, format: str) -> bool:  # noqa: A002 - the CLI's word
    if format == "jsonld":
        pattern, limit = _JSON, MAX_NESTING
    elif format != "rdfxml" and data.count(b"<<(") > _MAX_TERMS:
        pattern, limit = _TURTLE, _MAX_TERMS
    else:
        return False
    depth = 0
    for match in pattern.finditer(data):
        depth += (match.lastgroup == "open") - (match.lastgroup == "close")
        if depth > limit:
            return True
        depth = max(depth, 0)
    return False


# -- blank nodes
def _named_apart(quads: Iterable[ox.Quad], data: bytes) -> Iterator[ox.Quad]:
    """Yield the quads with blank nodes named after the file and the order they come in."""
    mark = hashlib.sha256(data).hexdigest()[:12]
    names: dict[str, ox.BlankNode] = {}

    def fixed(term: _PartT) -> _PartT:
        out: object = term
        if isinstance(term, ox.BlankNode):
            out = names.setdefault(term.value, ox.BlankNode(f"f{mark}n{len(names)}"))
        elif isinstance(term, ox.Triple):
            out = ox.Triple(fixed(term.subject), term.predicate, fixed(term.object))
        return cast("_PartT", out)

    for quad in quads:
        yield ox.Quad(
            fixed(quad.subject), quad.predicate, fixed(quad.object), fixed(quad.graph_name)
        )


# -- faults
def _fault(
    path: Path,
    format: str,  # noqa: A002 - the CLI's word
    reason: tuple[str, str],
    line: int,
    column: int,
) -> SourceError:
    words = {"reason": reason[0], "reason_zh": reason[1], "format": format}
    return SourceError("source-syntax", path=path, line=line, column=column, **words)


def _reason(message: str) -> tuple[str, str]:
    """Return what the parser says without the place, in English and where known in Chinese."""
    text = _PLACE.sub("", message)
    if "remote contexts" in text:
        text = "it names a @context on the web (remote contexts are not read): put it into the file"
    for pattern, chinese in _SAYINGS:
        if match := re.search(pattern, text):
            return text, match.expand(chinese)
    return text, text


def _find_place(data: bytes, format: str) -> tuple[int, int]:  # noqa: A002 - the CLI's word
    """Return line and column of a fault that the parser does not place, else 1, 1."""
    if format == "rdfxml":
        parser = expat.ParserCreate()
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            return error.lineno, error.offset + 1
    at = data.find(b'"@context"') if format == "jsonld" else 0
    return _place_at(data, max(at, 0))


def _place_at(data: bytes, at: int) -> tuple[int, int]:
    """Return line and column, from 1, in characters."""
    before = data[:at].decode(errors="replace")
    start = max(before.rfind("\n"), before.rfind("\r")) + 1
    return before.count("\n") + 1, len(before) - start + 1
