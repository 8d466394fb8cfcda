"""Only what is stale is made again (rule 4 of the design).

What was rewritten is read from the files and from Snakemake's messages; what ought to be is
computed from the slices' contents before and after.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from snakefolder import (
    HARBOROUGH,
    ISLES_OF_SCILLY,
    LADS,
    RAW,
    STEPS,
    TOPIC,
    Folder,
    changed,
    digests,
    messages,
    named,
    planned,
    read_rows,
    stamps,
    write_rows,
)

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow_configured")]
Copier = Callable[[Folder], Folder]


class Update:
    """What the three steps did to a finished folder."""

    def __init__(self, folder: Folder) -> None:
        slices = folder.public / "slices" / TOPIC
        before, contents = stamps(folder.public), digests(slices)
        self.output = folder.three_steps()
        self.rewritten = changed(before, stamps(folder.public))
        self.stale = {name.removesuffix(".json") for name in changed(contents, digests(slices))}
        assert planned(folder.plan(*STEPS)) == {}

    def lads(self, kind: str) -> set[str]:
        """Return the districts whose slice, page or pack was written again."""
        return {
            lad
            for name in self.rewritten
            if name.startswith(f"{kind}/")
            for lad in LADS
            if lad in name
        }

    def is_exact(self) -> bool:
        """Whether pages and packs were made again for stale slices and for nothing else."""
        return (
            self.lads("site") == self.lads("packs") == self.stale
            and named(self.output, f"Rendering {TOPIC} for") == self.stale
            and named(self.output, "Packing") == self.stale
        )


def rename_harborough(folder: Folder) -> None:
    """Plant a rename of one district in both files of the register."""
    folder.edit(
        "workflow/resources/areas.csv",
        lambda text: text.replace(
            f"{HARBOROUGH},Harborough,,", f"{HARBOROUGH},Harborough,Old Harbour,"
        ),
    )
    folder.edit(
        "workflow/resources/area_changes.csv",
        lambda text: text + f"2016-04-01,,Name change,rename,{HARBOROUGH},{HARBOROUGH},exact\n",
    )


def test_a_finished_folder_has_nothing_to_do(configured: Folder, copy_of: Copier) -> None:
    copied = copy_of(configured)
    assert planned(copied.plan()) == {}
    assert planned(copied.plan(*STEPS)) == {}
    names = (
        "Snakefile",
        "rules/*",
        "scripts/*",
        "reports/**/*",
        "workflow/**/*",
        "raw/*",
    )
    touched = [path for name in names for path in copied.path.glob(name) if path.is_file()]
    assert len(touched) > 120
    for path in touched:
        path.touch()
    copied.edit("config.yaml", lambda text: "# A comment.\n" + text)
    assert planned(copied.plan(*STEPS)) == {}


def test_a_name_of_one_district_makes_its_page_again(configured: Folder, copy_of: Copier) -> None:
    copied = copy_of(configured)
    rename_harborough(copied)
    update = Update(copied)
    assert update.stale == {HARBOROUGH}
    assert update.is_exact()
    assert "index.html" in update.rewritten
    assert "Old Harbour" in copied.page(HARBOROUGH).read_text(encoding="utf-8")
    assert "old harbour" in (copied.public / "index.html").read_text(encoding="utf-8").lower()


def test_one_value_makes_the_pages_that_show_it_again(configured: Folder, copy_of: Copier) -> None:
    copied = copy_of(configured)
    rows = read_rows(copied.path / RAW)
    column = rows[0].index("retail_and_recreation_percent_change_from_baseline")
    place = rows[0].index("sub_region_2")
    hits = [row for row in rows if row[place] == "Harborough District" and "2020-04-08" in row]
    assert len(hits) == 1
    hits[0][column] = str(int(hits[0][column]) + 40)
    write_rows(copied.path / RAW, rows)
    update = Update(copied)
    # The value is in its own page, in the mean of its region, and in that of England.
    assert {HARBOROUGH, "E06000061"} <= update.stale
    assert ISLES_OF_SCILLY not in update.stale
    assert update.is_exact()


def test_one_invocation_is_correct_and_remakes_more(configured: Folder, copy_of: Copier) -> None:
    copied = copy_of(configured)
    rename_harborough(copied)
    plan = copied.plan()
    assert planned(plan)["render_report"] == len(LADS)
    assert planned(copied.plan("export_request"))["release_tables"] == 1


def test_a_style_makes_every_page_again_and_no_slice(configured: Folder, copy_of: Copier) -> None:
    copied = copy_of(configured)
    copied.edit("reports/report.css", lambda text: text + "\nmain { max-width: 61em; }\n")
    copied.edit(f"reports/{TOPIC}.qmd", lambda text: text.replace("How to read", "How one reads"))
    update = Update(copied)
    assert update.stale == set()
    assert update.lads("slices") == set()
    assert update.lads("site") == update.lads("packs") == set(LADS)
    assert sorted(planned(update.output.split("Building DAG")[-1])) == [
        *("build_catalogue", "build_pack", "compile_shell", "render_report")
    ]
    assert "How one reads" in copied.page(HARBOROUGH).read_text(encoding="utf-8")


def test_a_contact_is_in_slices_and_pages(configured: Folder, copy_of: Copier) -> None:
    copied = copy_of(configured)
    copied.configure(report__contact="profiles@example.org")
    update = Update(copied)
    assert update.stale == set(LADS)
    assert update.is_exact()
    assert "Deciding what may be released" not in messages(update.output)
    assert "profiles@example.org" in copied.page(HARBOROUGH).read_text(encoding="utf-8")


def test_the_check_of_exactness_can_fail(configured: Folder) -> None:
    update = Update.__new__(Update)
    update.stale = {HARBOROUGH}
    update.output = f"Job 1: Rendering {TOPIC} for {HARBOROUGH}\nJob 2: Packing {HARBOROUGH}\n"
    update.rewritten = {f"site/{HARBOROUGH}/{TOPIC}.html", f"packs/{HARBOROUGH}.zip"}
    assert update.is_exact()
    update.rewritten |= {f"site/{ISLES_OF_SCILLY}/{TOPIC}.html"}
    assert not update.is_exact()
    update.rewritten = {f"packs/{HARBOROUGH}.zip"}
    assert not update.is_exact()
