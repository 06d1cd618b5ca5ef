"""Owns the command `kg`: which commands there are, their settings, and how faults are told."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from kg.cli.settings import Settings, plain

if TYPE_CHECKING:
    from kg.model import Lang

__all__ = ["COMMANDS", "cli", "main"]

# command -> (module, what it does in Chinese, in English); modules are imported on use
COMMANDS: dict[str, tuple[str, str, str]] = {
    "build": ("graph", "由源数据生成图谱", "make the graph from its sources"),
    "validate": (
        "graph",
        "检查数据,列出问题与处理办法",
        "check the data; list faults and remedies",
    ),
    "info": ("graph", "图谱里有什么", "what the graph holds"),
    "explain": ("graph", "一条陈述为何成立", "why a statement holds"),
    "diff": ("difference", "两个图谱有何不同", "what differs between two graphs"),
    "search": ("read", "按中文、英文、别名、拼音查找", "find by name, alias or pinyin"),
    "show": ("read", "查看一个术语", "show one term"),
    "neighbors": ("read", "一个术语的关系", "the relations of a term"),
    "tree": ("read", "下位、组成或计算来源", "kinds, parts or drivers below a term"),
    "path": ("read", "两个术语如何相连", "how two terms hang together"),
    "impact": ("read", "改动会影响什么", "what a change reaches"),
    "rank": ("read", "最重要的术语", "the most central terms"),
    "communities": ("read", "联系紧密的术语群", "groups that hang together"),
    "ask": ("ask", "用问句或问题模板查询", "ask in words, or by a question template"),
    "query": ("ask", "运行 SPARQL 查询", "run a SPARQL query"),
    "explore": ("hand", "生成可双击打开的图谱网页", "write the page that opens on a double-click"),
    "export": ("hand", "导出为其他格式", "write the graph in another format"),
    "teach": ("hand", "生成培训材料", "write training material"),
}
GROUPS = (
    ("图谱 · graph", ("build", "validate", "info", "explain", "diff")),
    (
        "查阅 · read",
        ("search", "show", "neighbors", "tree", "path", "impact", "rank", "communities"),
    ),
    ("查询 · ask", ("ask", "query")),
    ("展示与分发 · hand out", ("explore", "export", "teach")),
)


# What click says in English alone -> the same in Chinese.
_SAYINGS: tuple[tuple[type[click.UsageError], str], ...] = (
    (click.NoSuchOption, "没有这个选项"),
    (click.MissingParameter, "缺少参数"),
    (click.BadOptionUsage, "选项用法有误"),
    (click.BadParameter, "参数值无效"),
)


class _PipeClosedError(Exception):
    """The reader of our output went away; click would take it for a fault."""


class _Commands(click.Group):
    """Lists the commands from the table and imports one only when it is called."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _PipeClosedError from error

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"kg.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, 3)
            hint = (
                f" Did you mean: {', '.join(near)}? · 您是否要输入:{'、'.join(near)}?"
                if near
                else ""
            )
            ctx.fail(f"no command '{args[0]}' · 没有这个命令。{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for title, names in GROUPS:
            with formatter.section(title):
                formatter.write_dl([(n, f"{COMMANDS[n][1]} · {COMMANDS[n][2]}") for n in names])


_HELP = """销售运营知识图谱:查术语、看关系、跑查询、做培训材料。

A bilingual knowledge graph of sales operations: look up terms, see how they
hang together, query them, hand them out.

\b
  kg show 销售漏斗                查看术语 · show a term
  kg ask 赢单率怎么算             用问句查询 · ask in words
  kg path CRM系统 销售预测        两个术语如何相连 · how two terms connect
  kg explore -o graph.html        生成网页 · write the page
  kg --lang en search "win rate"  用英文 · in English
"""


@click.group(
    cls=_Commands,
    help=_HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="每个命令的用法 · for each command:  kg COMMAND --help",
)
@click.option(
    "--store",
    metavar="DIR",
    envvar="KG_STORE",
    help="图谱所在文件夹 · folder of the store or build (default: build/, then the user's cache).",
)
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    envvar="KG_LANG",
    default="zh",
    show_default=True,
    help="语言 · language of labels and messages.",
)
@click.version_option(None, "--version", package_name="salesops-kg", message="kg %(version)s")
@click.pass_context
def cli(ctx: click.Context, store: str | None, lang: Lang) -> None:
    """Settle the store and the language for the command that follows."""
    ctx.obj = Settings(store, lang)


def main() -> NoReturn:
    """Run the command line and exit: 0 fine, 1 findings, 2 usage, 3 our error, 130 interrupt."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by the caller: no other file may take its place
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(_run())


def _run() -> int:
    try:
        _check_arguments(sys.argv[1:])
        result = cli.main(standalone_mode=False, prog_name="kg")
    except (click.exceptions.Abort, KeyboardInterrupt):
        return 130
    except click.ClickException as error:
        _complain(error)
        return 2
    except (_PipeClosedError, BrokenPipeError):
        # The reader of the pipe went away: nothing is left to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("KG_DEBUG"):
            raise
        return _tell(error)
    return result if isinstance(result, int) else 0


def _check_arguments(words: list[str]) -> None:
    """Raise UsageError where an argument is no text in the encoding of the system."""
    for word in words:
        if not word.isascii() and any("\ud800" <= sign <= "\udfff" for sign in word):
            shown = word.encode(errors="backslashreplace").decode()
            raise click.UsageError(f"not UTF-8: {shown} · 不是 UTF-8 文本")


def _complain(error: click.ClickException) -> None:
    """Show a fault of usage on stderr, in both languages."""
    words = plain(error.format_message())
    zh = next((zh for kind, zh in _SAYINGS if isinstance(error, kind)), "")
    if zh and words.isascii():
        words = f"{words} · {zh}"
    if isinstance(error, click.UsageError):
        click.UsageError(words, ctx=error.ctx).show()
    else:
        click.ClickException(words).show()


def _tell(error: Exception) -> int:
    """Tell what went wrong, where and what to do, on stderr; return the exit code."""
    # Imported here, so that `kg --help` stays quick.
    from kg import errors
    from kg.cli.output import finding_lines
    from kg.model import Report

    lang = _lang()
    if not isinstance(error, errors.KgError):
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        error = errors.KgError("internal", reason=reason)
    report = error.details.get("report")
    if isinstance(report, Report):
        for line in finding_lines(report, lang):
            click.echo(line, err=True)
    words = {"zh": ("错误", "办法"), "en": ("error", "hint")}[lang]
    lines = [f"{words[0]} [{error.code}]: {error.text(lang)}"]
    lines += [str(error.details["mark"])] if error.details.get("mark") else []
    lines.append(f"{words[1]}: {error.hint_in(lang)}")
    click.echo(plain("\n".join(lines)), err=True)
    return 1 if isinstance(error, errors.ValidationFailed) else 3


def _lang() -> str:
    """Return the language asked for, also when the fault came before the settings were made."""
    words = sys.argv[1:]
    for at, word in enumerate(words):
        if word == "--lang" and words[at + 1 : at + 2] in (["zh"], ["en"]):
            return words[at + 1]
        if word in ("--lang=zh", "--lang=en"):
            return word[-2:]
    return "en" if os.environ.get("KG_LANG") == "en" else "zh"
