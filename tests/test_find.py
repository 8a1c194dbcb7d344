"""``find``, ``policy diff`` and ``conform --against``: looking a show up, under other rules, and against an earlier cut."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stage import SHOT, Stage

OTHER = "AGM_104_070_020"


@pytest.fixture
def two(stage: Stage) -> Stage:
    """tag0001 on v001 of SHOT, approved; tag0002 in another shot, open, by another tool and model."""
    stage.settled("v001")
    stage.declare(
        {
            "uses[0].shot": OTHER,
            "tag.steps[0].tool": "Crowds",
            "tag.steps[0].model": "crowd-9",
            "tag.steps[0].by_org": "Beta Post",
        }
    )
    return stage


FILTERS: list[tuple[tuple[str, ...], list[str]]] = [
    ((), ["tag0001", "tag0002"]), ((SHOT,), ["tag0001"]), (("AGM_104_07*",), ["tag0002"]), (("tag0002",), ["tag0002"]),
    (("--tool", "crowds"), ["tag0002"]), (("--tool", "Gen*"), ["tag0001"]), (("--model", "CROWD-?"), ["tag0002"]),
    (("--tool", "Generator", "--model", "crowd-9"), []), (("--by", "beta"), ["tag0002"]), (("--by", "C. Contact"), ["tag0001"]),
    (("--by", "client_contact"), ["tag0001"]), (("--needs", "notice"), ["tag0002"]), (("--needs", "talent_consent"), []),
    (("--status", "approved", "--status", "open"), ["tag0001", "tag0002"]), (("--status", "approved"), ["tag0001"]),
    (("--version", "v1"), ["tag0001"]), (("--version", "v002"), []), (("--as-of", "2026-11-20"), []),
]  # fmt: skip


@pytest.mark.parametrize(("options", "ids"), FILTERS, ids=[" ".join(case[0]) or "all" for case in FILTERS])
def test_what_is_looked_for_is_found(options: tuple[str, ...], ids: list[str], two: Stage) -> None:
    assert [row["id"] for row in two.do("find", *options, "--format", "json").json["rows"]] == ids


def test_a_row_says_who_made_it_from_what_and_who_allowed_it(two: Stage) -> None:
    (row,) = two.do("find", SHOT, "--private", "--format", "json").json["rows"]
    assert (row["revision"], row["versions"], row["vendor"], row["declared_by"], row["element"]) == (
        1,
        ["v001"],
        "testwriter",
        "T. Tester",
        "a cloud",
    )
    assert [(step["tool"], step["inputs"]) for step in row["steps"]] == [
        ("Generator", [{"id": "I1", "kinds": ["own"], "ref": None}])
    ]
    assert [(each["kind"], each["given_by"], each["ref"], each["counts"], each["rests_on_it"]) for each in row["given"]] == [
        ("approval", "C. Contact", "A-1", True, True)
    ]
    text = two.do("find", SHOT).out
    assert "> approval 2026-11-01 C. Contact" in text
    assert "a cloud" not in text
    assert two.cli("find", "--needs", "luck").code == 2
    assert two.do("find", "nothing-like-it").out == "nothing fits\n"


def test_a_tool_is_found_by_every_name_and_with_its_standing(two: Stage) -> None:
    two.do("tools", "add", "Crowds", "--set", "aliases=CrowdGen", "--date", "2026-01-01")
    two.do("tools", "review", "Crowds", "--status", "withdrawn", "--reason", "terms")
    (row,) = two.do("find", "--tool", "crowdgen", "--format", "json").json["rows"]
    assert (row["id"], row["steps"][0]["register"]) == ("tag0002", "withdrawn")
    assert "Crowds 2 (crowd-9) [withdrawn]" in " ".join(two.do("find", "--tool", "crowds").out.split())


# ---------------------------------------------------------------- other rules


def diff(stage: Stage, *arguments: object) -> Any:
    return stage.do("policy", "diff", *arguments, "--format", "json").json


def test_a_change_of_rules_names_the_tags_it_touches(two: Stage) -> None:
    two.do("policy", "copy", "netflix-2025-08", two.folder / "client.yaml")
    pack = two.folder / "client.yaml"
    text = pack.read_text()
    assert "\nid: client\n" in text
    pack.write_text(
        text.replace("id: tell-the-contact\n  kind: duty", "id: tell-the-contact\n  kind: duty\n  needs: [legal_review]")
    )
    found = diff(two, "netflix-2025-08", pack)
    assert (found["judged"], found["before"], found["after"]) == (2, ["netflix-2025-08"], ["client"])
    assert [(c["tag"], c["before"]["status"], c["after"]["status"]) for c in found["changes"]] == [
        ("tag0001", "approved", "open"), ("tag0002", "open", "open"),
    ]  # fmt: skip
    assert "legal_review" in found["changes"][1]["after"]["unmet"]
    assert diff(two, "netflix-2025-08", "netflix-2025-08")["changes"] == []


def test_a_pack_may_be_added_on_trial_and_as_if_binding(two: Stage) -> None:
    assert {change["verdict_changed"] for change in diff(two, "none", "mpa-or-5")["changes"]} == {False}  # it informs
    assert "2 more by other rules to the same end" in two.do("policy", "diff", "none", "mpa-or-5").out
    found = diff(two, "none", "mpa-or-5", "--binding")
    assert found["after"] == ["netflix-2025-08", "mpa-or-5"]
    assert [(c["tag"], c["after"]["outcome"]) for c in found["changes"]] == [
        ("tag0001", "written_approval"),
        ("tag0002", "written_approval"),
    ]
    (two.folder / "genai.yaml").write_text(
        (two.folder / "genai.yaml").read_text().replace("packs:", "packs:\n  - mpa-or-5") + "binding: [mpa-or-5]\n"
    )
    two.do("policy", "copy", "mpa-or-5", two.folder / "mine.yaml")
    assert diff(two, "mpa-or-5", "mine.yaml")["changes"] == []  # it is binding where the one was


def test_a_changed_pack_does_not_speak_in_the_name_of_ours(two: Stage) -> None:
    two.do("policy", "copy", "house", two.folder / "house.yaml")
    path = two.folder / "house.yaml"
    path.write_text(path.read_text().replace("\nid: house-copy\n", "\nid: house\n"))
    ran = two.cli("policy", "lint", path)
    assert (ran.code, "give yours an id of its own" in ran.err) == (3, True)


def test_where_no_pack_asks_for_anything_the_client_is_told_all_the_same(two: Stage) -> None:
    config = two.folder / "genai.yaml"
    config.write_text(config.read_text().replace('"netflix-2025-08"', '"eu-ai-act-50"') + "territories: [US]\n")
    (row,) = two.do("find", "tag0002", "--format", "json").json["rows"]
    assert (row["status"], row["unmet"]) == ("open", ["notice"])


# ---------------------------------------------------------------- against an earlier cut


def against(
    stage: Stage, old: list[dict[str, str]], new: list[dict[str, str]], **heads: str
) -> tuple[list[Any], dict[str, int]]:
    before, after = stage.edl(*old, name="old.edl"), stage.edl(*new, name="new.edl")
    document = stage.conform(after, "--against", before)
    found = [(c["changes"], c["moved_by"], (c["new"] or c["old"])["shot"]) for c in document["changes"]]
    return found, {name: n for name, n in document["change_summary"].items() if n}


def test_the_same_cut_changes_nothing(two: Stage) -> None:
    events = [two.event(), two.event(shot=OTHER)]
    assert against(two, events, events) == ([], {"unchanged": 2})


def test_a_shot_that_is_cut_twice_is_paired_by_what_it_shows(two: Stage) -> None:
    one, other = two.event(first=1001, last=1003), two.event(first=1006, last=1008)
    assert against(two, [one, other], [other, one])[0] == [(["moved"], -3, SHOT), (["moved"], 3, SHOT)]
    assert against(two, [one, other], [other])[1] == {"moved": 1, "gone": 1}


def test_what_has_no_ai_in_either_cut_is_not_listed(two: Stage) -> None:
    plate = {**two.event(), "clip": "B012C003"}
    assert against(two, [plate, two.event()], [two.event()]) == ([(["moved"], -10, SHOT)], {"moved": 1})


def test_versions_trims_and_tags_that_change(two: Stage) -> None:
    two.sequence("v002")
    found, counted = against(two, [two.event()], [two.event("v002", last=1008)])
    assert found == [(["re_versioned", "trimmed"], None, SHOT)]
    assert counted == {"re_versioned": 1, "trimmed": 1}
    name = {**two.event(), "clip": "paint_final_v3"}
    assert against(two, [{**name, "comment": "* GENAI: v=1 id=tag0001 clip=x status=approved"}], [name])[0] == [
        (["retagged", "status_changed"], None, None)
    ]


def test_an_old_cut_that_cannot_be_read_is_said(two: Stage) -> None:
    new = two.edl(two.event())
    ran = two.cli("conform", new, "--against", two.folder / "nowhere.edl", "--rate", "24")
    assert (ran.code, "nowhere.edl: cannot be read" in ran.err) == (3, True)


def test_one_shot_cut_a_thousand_times_is_paired_by_what_it_shows(two: Stage) -> None:
    events = [two.event(first=1001 + 2 * i, last=1002 + 2 * i) for i in range(1000)]
    assert against(two, events, events[1:])[1] == {"gone": 1, "moved": 999}
