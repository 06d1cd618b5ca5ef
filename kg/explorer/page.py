"""Owns turning a view into one HTML file through pyvis; nothing else imports pyvis.

pyvis fills our template: its own escapes nothing, loads scripts from the network and writes beside
the asked-for path, so of pyvis only `generate_html` runs, with an escaping environment. The drawing
library comes out of the installed pyvis package. The page allows no request at all (CSP).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import ExportError

if TYPE_CHECKING:
    from kg.explorer.view import ExplorerView

__all__ = ["render_page"]

ASSETS = Path(__file__).resolve().parent / "assets"
SCRIPTS = ("inflate.js", "search.js", "scenes.js", "drawing.js", "app.js")
TITLE = "销售运营知识图谱 · Sales operations knowledge graph"
# vis-network 9.1.2 as it lies in pyvis 0.3.2
VIS_FILE = "templates/lib/vis-9.1.2/vis-network.min.js"
VIS_SHA256 = "1f20f0736f32cb9bedf8f6383b25cfea2f839e1abe80d6e8040b4d5bea378c69"
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
_CLOSING = re.compile(r"</(script)", re.IGNORECASE)


def render_page(view: ExplorerView) -> bytes:
    """Return the page as UTF-8: self-contained, the same bytes for the same view.

    Raises ExportError where pyvis brings another drawing library than the one checked.
    """
    from jinja2 import Environment, FileSystemLoader
    from markupsafe import Markup

    # Dear (it pulls IPython in), so late; and the only use of it.
    from pyvis.network import Network

    css = (ASSETS / "app.css").read_text(encoding="utf-8")
    vis = _script(_drawing_library())
    app = _script("\n".join((ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS))
    net = Network(directed=True, cdn_resources="in_line", heading=TITLE)
    net.set_template_dir(str(ASSETS), "explorer.html")
    environment = Environment(loader=FileSystemLoader(str(ASSETS)), autoescape=True)
    environment.policies["json.dumps_kwargs"] = {
        "sort_keys": True,
        "ensure_ascii": False,
        "separators": (",", ":"),
    }
    # Markup only for our own static text; data goes through autoescape or tojson.
    environment.globals["page"] = {
        "css": Markup(css),  # noqa: S704 - our own file
        "vis": Markup(vis),  # noqa: S704 - checked by its sum
        "app": Markup(app),  # noqa: S704 - our own file
        "hashes": Markup(f"{_hash(vis)} {_hash(app)}"),  # noqa: S704 - base64 of sums
        "meta": view.meta,
        "texts": _packed(view.texts),
        "lang": "zh-CN" if view.meta["start"]["lang"] == "zh" else "en",
    }
    net.templateEnv = environment
    net.nodes = list(view.nodes)
    net.node_ids = [node["id"] for node in view.nodes]
    net.node_map = {node["id"]: node for node in view.nodes}
    net.edges = list(view.edges)
    net.options = {"physics": {"enabled": False}}
    html: str = net.generate_html("page.html")
    return html.replace("\r\n", "\n").encode()


def _packed(texts: object) -> dict[str, str | int]:
    """Return texts as JSON, deflated, in base64: a third of their size, and free of markup."""
    data = json.dumps(texts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    pressed = zlib.compress(data, 9, wbits=-15)
    return {"size": len(data), "data": base64.b64encode(pressed).decode("ascii")}


def _drawing_library() -> str:
    import pyvis

    path = Path(pyvis.__file__).parent / VIS_FILE
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ExportError("library-unexpected", path=path, package="pyvis") from error
    if hashlib.sha256(data).hexdigest() != VIS_SHA256:
        raise ExportError("library-unexpected", path=path, package="pyvis")
    return data.decode("utf-8")


def _script(text: str) -> str:
    """Return JavaScript that can stand in a script element: no source map, no way out of it."""
    text = _CLOSING.sub(r"<\\/\1", _SOURCE_MAP.sub("", text.replace("\r\n", "\n")))
    if "<!--" in text:
        # It would start the script-escaped state of the HTML parser.
        raise ExportError("library-unexpected", path="inlined JavaScript", package="pyvis")
    return text


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"
