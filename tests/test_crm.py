"""CRM fields, objects and measures are found by every name that people have for them."""

from __future__ import annotations

import pytest

from kg import vocab as v
from kg.crm import find_named, resolve_named
from kg.errors import TermError
from kg.model import CrmField, CrmObject, FieldName, Glossary, Measure, Text


def _texts(zh: str, en: str) -> tuple[Text, ...]:
    return Text(zh, "zh"), Text(en, "en")


def _field(name: str, labels: tuple[Text, ...], *names: FieldName) -> CrmField:
    owner = v.OBJECT + name.partition(".")[0]
    return CrmField(v.FIELD + name, labels, (), owner, "decimal", names=names)


DEAL, ORDER = (
    CrmObject(v.OBJECT + name, _texts(zh, en), ())
    for name, zh, en in (("Deal", "商机", "Opportunity"), ("Order", "订单", "Order"))
)
FIELDS = (
    _field(
        "Deal.amount",
        _texts("金额", "Amount"),
        FieldName("salesforce", "Opportunity.Amount", _texts("预计金额", "Amount"), verified=True),
        FieldName("odoo", "crm.lead.expected_revenue"),
    ),
    _field("Deal.stage", _texts("阶段", "Stage"), FieldName("salesforce", "Opportunity.StageName")),
    _field("Order.amount", _texts("金额", "Order value")),
)
WON = Measure(v.MEASURE + "won_deals", _texts("赢单数", "Won deals"), (), "deal", "scalar")
GLOSSARY = Glossary(
    {},
    (),
    {},
    (),
    fields={f.iri: f for f in FIELDS},
    objects={o.iri: o for o in (DEAL, ORDER)},
    measures={WON.iri: WON},
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Deal.amount", [v.FIELD + "Deal.amount"]),
        ("field:Deal.amount", [v.FIELD + "Deal.amount"]),
        (v.FIELD + "Deal.amount", [v.FIELD + "Deal.amount"]),
        ("Opportunity.Amount", [v.FIELD + "Deal.amount"]),
        ("expected_revenue", [v.FIELD + "Deal.amount"]),
        ("StageName", [v.FIELD + "Deal.stage"]),
        ("stagename", [v.FIELD + "Deal.stage"]),
        ("预计金额", [v.FIELD + "Deal.amount"]),
        ("商机阶段", [v.FIELD + "Deal.stage"]),
        ("订单 金额", [v.FIELD + "Order.amount"]),
        ("金额", [v.FIELD + "Deal.amount", v.FIELD + "Order.amount"]),
        ("商机", [v.OBJECT + "Deal"]),
        ("object:Deal", [v.OBJECT + "Deal"]),
        ("won_deals", [v.MEASURE + "won_deals"]),
        ("赢单数", [v.MEASURE + "won_deals"]),
        ("won  DEALS", [v.MEASURE + "won_deals"]),
        ("nothing of the kind", []),
        ("", []),
        ("  ", []),
        ("%%", []),
    ],
)
def test_every_name_finds_its_thing(text: str, found: list[str]) -> None:
    assert found == list(find_named(GLOSSARY, text))


def test_a_name_of_several_things_offers_them() -> None:
    with pytest.raises(TermError) as caught:
        resolve_named(GLOSSARY, "金额")

    assert "term-ambiguous" == caught.value.code
    assert caught.value.candidates == (
        "field:Deal.amount (商机 金额)",
        "field:Order.amount (订单 金额)",
    )


def test_one_thing_is_returned_and_none_is_no_error() -> None:
    assert v.FIELD + "Deal.stage" == resolve_named(GLOSSARY, "Stage", lang="en")
    assert resolve_named(GLOSSARY, "no such thing") is None


def test_on_the_real_graph_every_field_is_found_by_id_label_and_verified_name(
    glossary: Glossary,
) -> None:

    def _exact(held: tuple[str, ...]) -> bool:
        """Return whether the name is given up to fields that it matches exactly."""
        names = [n for iri in held if iri in glossary.fields for n in glossary.fields[iri].names]
        return any(name.match == "exactMatch" and name.verified for name in names)

    missed = []
    for iri, crm_field in glossary.fields.items():
        owner = glossary.objects[crm_field.object]
        names = [v.local_name(iri), *(n.name for n in crm_field.names)]
        names += [f"{owner.label(lang)} {crm_field.label(lang)}" for lang in ("zh", "en")]
        found = {name: find_named(glossary, name) for name in names}
        missed += [name for name, held in found.items() if iri not in held and not _exact(held)]

    assert [] == missed
    assert len(glossary.fields) > 400


def test_on_the_real_graph_every_label_of_a_measure_finds_it(glossary: Glossary) -> None:
    """Perhaps beside a field of the same words: then both are offered."""
    missed = [
        (iri, label.value)
        for iri, measure in glossary.measures.items()
        for label in measure.labels
        if iri not in find_named(glossary, label.value)
    ]

    assert [] == missed
