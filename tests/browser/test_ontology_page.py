"""The documentation of the ontology in Chromium, opened from a file as people open it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import PHONE, violations

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("device", ["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(
    open_page: Open, ontology_file: Path, device: str, scheme: str
) -> None:
    context = PHONE if device == "phone" else {}
    opened = open_page(file=ontology_file, color_scheme=scheme, **context)
    if scheme == "dark":
        opened.page.click("#lang")

    assert [] == violations(opened)
    assert ([], []) == (opened.requests, opened.errors)


def test_the_language_changes_at_once(open_page: Open, ontology_file: Path) -> None:
    """One language is seen at a time, and the page says which."""
    page = open_page(file=ontology_file).page
    before = (page.get_attribute("html", "lang"), page.inner_text("h1"), page.title())
    page.click("#lang")

    assert ("zh-CN", "销售运营本体", "销售运营本体") == before
    assert "en" == page.get_attribute("html", "lang")
    assert "Sales operations ontology" == page.inner_text("h1") == page.title()
    assert "类" not in page.inner_text("#classes")


def test_the_contents_lead_to_every_part(open_page: Open, ontology_file: Path) -> None:
    page = open_page(file=ontology_file).page
    page.click("nav a[href='#rules']")
    top = "document.querySelector('#rules').getBoundingClientRect().top"
    header = "document.querySelector('header').getBoundingClientRect().bottom"

    assert page.evaluate(header) <= page.evaluate(top) < 300


def test_a_phone_shows_the_first_part_at_once(open_page: Open, ontology_file: Path) -> None:
    """The contents name the parts only; every relation would fill three screens."""
    page = open_page(file=ontology_file, **PHONE).page

    assert page.evaluate("document.querySelector('#classes').getBoundingClientRect().top") < 600
    assert page.is_visible("nav a[href='#rules']")


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_is_wider_than_the_screen(open_page: Open, ontology_file: Path, width: int) -> None:
    page = open_page(file=ontology_file, viewport={"width": width, "height": 800}).page

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_javascript_both_languages_are_there(open_page: Open, ontology_file: Path) -> None:
    opened = open_page(file=ontology_file, java_script_enabled=False, ready="body")
    text = opened.page.inner_text("#classes")

    assert "类" in text
    assert "Classes" in text


def test_on_paper_there_are_no_controls(open_page: Open, ontology_file: Path) -> None:
    page = open_page(file=ontology_file).page
    page.emulate_media(media="print")

    assert not page.is_visible("#lang")
    assert "static" == page.evaluate("getComputedStyle(document.querySelector('header')).position")
