"""The gate: what leaves the secure zone, in one decision over all topics at once.

1. Each row is checked by itself (`checks`), under the profile of its topic's sources.
2. Rows become cells (`cells`): the same number in two topics is one cell. Earlier releases join in.
3. Where a topic offers wider periods, the narrowest that loses little is asked for (`rows`).
4. Cells that are unsafe are withheld, others with them until nothing withheld can be worked out,
   and an audit proves it (`protection`).
5. A row goes with its cells, and with what it rests on; what may go is computed from what may be
   published (`derive`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from lds.contracts import TableContract, check_table, sort_by_key
from lds.disclosure.cells import Shown, shown_cells
from lds.disclosure.checks import check_cells, check_rows
from lds.disclosure.derive import protect_and_tell
from lds.disclosure.earlier import TRUST, Earlier, compare, earlier_cells, known_areas
from lds.disclosure.governing import SourceRules, governing_profile, open_indicators
from lds.disclosure.outcome import audit_for_evidence, cells_for_evidence, rows_for_evidence
from lds.disclosure.profiles import Profile
from lds.disclosure.protection import AreaTree, Protected, check_sums, protect_cells
from lds.disclosure.result import GateResult
from lds.disclosure.revisions import small_revisions
from lds.disclosure.rows import (
    FINER,
    OVERLAP,
    TOO_THIN,
    WIDENED,
    from_cells,
    inherited,
    overlapping_windows,
    thin,
    widened,
)
from lds.disclosure.standing import standing_among_released
from lds.disclosure.vocabulary import load_classifications, load_quantities
from lds.errors import DisclosureError
from lds.topics import IndicatorEntry

NO_AREAS = AreaTree(parents={}, groups={})


@dataclass(frozen=True)
class _Group:
    """Rows of one topic under one profile."""

    topic: str
    profile: Profile
    rows: pl.Series


class _Gate:
    """One decision, step by step."""

    def __init__(
        self,
        indicators: Mapping[str, pl.DataFrame],
        sources: Mapping[str, Sequence[SourceRules]],
        contract: TableContract,
        topics: Mapping[str, Mapping[str, IndicatorEntry]],
    ) -> None:
        self.profiles: dict[str, Profile] = {}
        self.entries: dict[tuple[str, str], IndicatorEntry] = {}
        self.quantities = load_quantities()
        self.classifications = load_classifications()
        open_profiles: dict[tuple[str, str], Profile] = {}
        tables = []
        for topic in sorted(indicators):
            profile = self.profiles[topic] = governing_profile(topic, sources[topic])
            table = check_table(indicators[topic], contract, topic)
            tables.append(table)
            if not profile.protects:
                continue
            own = topics.get(topic, {})
            present = table["indicator"].unique().sort().to_list()
            free = open_indicators(topic, own, present, sources[topic])
            self.entries |= {
                (topic, name): entry for name, entry in own.items() if name not in free
            }
            publishers = next((r.profile for r in sources[topic] if not r.profile.protects), None)
            if publishers is not None:
                open_profiles |= {(topic, name): publishers for name in sorted(free)}
        self.rows = pl.concat(tables).with_row_index("row")
        self.groups = self._groups(open_profiles)
        self.quantity_profiles = self._quantity_profiles()

    def _groups(self, open_profiles: Mapping[tuple[str, str], Profile]) -> list[_Group]:
        """Return the rows of each topic, those of its open indicators apart."""
        names: dict[str, list[str]] = {}
        for topic, name in open_profiles:
            names.setdefault(topic, []).append(name)
        groups = []
        for topic, profile in self.profiles.items():
            own = pl.col("topic") == topic
            free = pl.col("indicator").is_in(names.get(topic, []))
            groups.append(_Group(topic, profile, self.rows.filter(own & ~free)["row"]))
            if topic in names:
                publishers = open_profiles[topic, names[topic][0]]
                groups.append(_Group(topic, publishers, self.rows.filter(own & free)["row"]))
        return groups

    def _quantity_profiles(self) -> dict[str, Profile]:
        """Return the profile of each quantity.

        Raises
        ------
        DisclosureError : topics under different profiles show the same quantity.
        """
        found: dict[str, Profile] = {}
        for (topic, _), entry in self.entries.items():
            if entry.quantity is None:
                continue
            profile = found.setdefault(entry.quantity, self.profiles[topic])
            if profile.id != self.profiles[topic].id:
                raise DisclosureError(
                    "The same quantity is under two disclosure profiles.",
                    where=f"quantity {entry.quantity}",
                    values=sorted([profile.id, self.profiles[topic].id]),
                )
        return found

    def rules_of_rows(self) -> pl.Series:
        """Return the rule by which each row is withheld for itself, null for none."""
        rules = pl.repeat(None, self.rows.height, dtype=pl.String, eager=True)
        for group in self.groups:
            found = check_rows(self.rows[group.rows], group.profile)
            rules = rules.scatter(group.rows, found)
        return rules

    def overlapping(self, shown: Shown, before: pl.DataFrame) -> pl.Series:
        """Return per row, whether its window overlaps others in part."""
        rows = overlapping_windows(shown, self.quantities, before)
        return self.rows["row"].is_in(rows.implode())

    def before(self, earlier: Sequence[Earlier]) -> pl.DataFrame:
        """Return the cells that earlier releases show."""
        return earlier_cells(
            earlier,
            self.entries,
            self.quantities,
            self.classifications,
            self.quantity_profiles,
        )

    def shown(self) -> Shown:
        """Return the cells that the rows with a value show."""
        return shown_cells(
            self.rows.filter(pl.col("value").is_not_null()),
            self.entries,
            self.quantities,
            self.classifications,
        )

    def check_sums(self, shown: Shown, overlap: pl.Series, areas: AreaTree) -> None:
        """Make sure that parts add up, windows that overlap in part left aside."""
        counted = shown.parts.filter(~overlap[shown.parts["row"]])["cell"].unique()
        cells = shown.cells.filter(pl.col("cell").is_in(counted.implode()))
        check_sums(cells, areas, self.quantities, self.classifications)

    def protected(
        self,
        shown: Shown,
        asked: pl.Series,
        unseen: pl.Series,
        areas: AreaTree,
        before: pl.DataFrame,
    ) -> Protected:
        """Return the decision on every cell.

        Parameters
        ----------
        asked : per row, whether it would be published if its cells allow it.
        unseen : per row, whether nobody sees it or can add it up: cells that only such rows show
            stay out of the sums.
        before : cells of earlier releases.
        """
        seen = shown.parts.filter(~unseen[shown.parts["row"]])["cell"].unique()
        revealed = shown.parts.filter(asked[shown.parts["row"]])["cell"].unique()
        cells = shown.cells.filter(pl.col("cell").is_in(seen.implode())).with_columns(
            pl.col("cell").is_in(revealed.implode()).alias("revealed")
        )
        profiles = self.quantity_profiles
        told = [
            small_revisions(cells, each, areas, profiles, self.quantities, self.classifications)
            for each in before.partition_by("release")
        ]
        told_cells = pl.concat([cells["cell"].clear(), *told]).unique()
        return protect_cells(
            self._with_earlier(cells, before, told_cells, areas, first=shown.cells.height),
            areas=areas,
            profiles=self.quantity_profiles,
            quantities=self.quantities,
            classifications=self.classifications,
            check_cells=check_cells,
        )

    def _with_earlier(
        self,
        cells: pl.DataFrame,
        before: pl.DataFrame,
        told: pl.Series,
        areas: AreaTree,
        *,
        first: int,
    ) -> pl.DataFrame:
        """Return cells with those that only earlier releases show, as far as these still hold."""
        for trust in TRUST:
            profiles = self.quantity_profiles
            compared = compare(cells, before, profiles, told, first=first, trust=trust)
            try:
                check_sums(compared, areas, self.quantities, self.classifications, all_parts=False)
            except DisclosureError:
                if trust == TRUST[-1]:
                    raise
            else:
                break
        return compared

    def unsafe_rows(self, shown: Shown) -> pl.Series:
        """Return per row, whether one of its cells has too few records by itself."""
        least = {
            name: max(profile.threshold, profile.enterprises or 0)
            if self.quantities[name].kind == "amount"
            else profile.threshold
            for name, profile in self.quantity_profiles.items()
        }
        leasts = pl.DataFrame(
            list(least.items()), schema={"quantity": pl.String, "least": pl.Int64}, orient="row"
        )
        cells = shown.cells.join(leasts, on="quantity")
        small = cells.filter(pl.col("n") < pl.col("least"))["cell"]
        rows = shown.parts.filter(pl.col("cell").is_in(small.implode()))["row"].unique()
        return self.rows["row"].is_in(rows.implode())

    def thin(self, unsafe: pl.Series, stays: pl.Series, areas: AreaTree) -> pl.Series:
        """Return per row, whether its table is too thin to be released."""
        counted = pl.DataFrame(
            list(self.entries), schema={"topic": pl.String, "indicator": pl.String}, orient="row"
        )
        own = self.rows.filter(stays & pl.col("value").is_not_null()).join(
            counted, on=["topic", "indicator"], how="semi", maintain_order="left"
        )
        flags = thin(own, unsafe[own["row"]], areas.narrow)
        return self.rows["row"].is_in(own.filter(flags)["row"].implode())

    def tables(self, rule: pl.Series, wide: pl.Series) -> tuple[dict[str, pl.DataFrame], pl.Series]:
        """Return the rows that may go, by topic, and the rules with those that rounding added."""
        released: dict[str, list[pl.DataFrame]] = {topic: [] for topic in self.profiles}
        for group in self.groups:
            narrow = group.rows.filter(~wide[group.rows])
            rows, rules = protect_and_tell(self.rows[narrow], group.profile, rule[narrow])
            rule = rule.scatter(narrow, rules)
            if group.profile.protects:
                rows = rows.with_columns(
                    pl.when(~pl.col("statistic").str.starts_with("business")).then("n").alias("n")
                )
            released[group.topic].append(rows.drop("row"))
        return {topic: pl.concat(parts) for topic, parts in released.items()}, rule


def _where(flags: pl.Series, rule: str) -> pl.Series:
    """Return a rule where a flag is set, else null."""
    return pl.select(pl.when(flags).then(pl.lit(rule)).alias("rule"))["rule"]


def _first(rule: pl.Series, other: pl.Series) -> pl.Series:
    """Return the first rule of two, row by row."""
    return pl.select(pl.coalesce(rule, other).alias("rule"))["rule"]


def decide(
    indicators: Mapping[str, pl.DataFrame],
    sources: Mapping[str, Sequence[SourceRules]],
    contract: TableContract,
    *,
    topics: Mapping[str, Mapping[str, IndicatorEntry]] | None = None,
    areas: AreaTree = NO_AREAS,
    earlier: Sequence[Earlier] = (),
) -> GateResult:
    """Decide over the indicators of all topics what may be released.

    Parameters
    ----------
    indicators : topic id -> table of ``workflow/schemas/tables/indicators.yaml``.
    sources : topic id -> the rules of each of its sources.
    topics : topic id -> its indicators, as in the topic register.
    areas : how areas contain each other.
    earlier : earlier releases, which readers have beside this one.

    Raises
    ------
    DisclosureError : something that no check can decide on (a type of statistic without a check,
        missing or impossible counts, a total that is not the sum of its parts, an indicator that
        does not say what it counts), or cells that nothing can hide.
    """
    gate = _Gate(indicators, sources, contract, topics or {})
    by_itself = gate.rules_of_rows()
    shown = gate.shown()
    areas, earlier = known_areas(areas, earlier)
    before = gate.before(earlier)
    overlap = gate.overlapping(shown, before)
    by_itself = _first(_where(overlap, OVERLAP), by_itself)
    unsafe = by_itself.is_not_null() | gate.unsafe_rows(shown)
    wide = widened(gate.rows, unsafe, gate.entries, areas.narrow)
    stays = wide.is_null()
    by_itself = _first(by_itself, _where(gate.thin(unsafe, stays, areas), TOO_THIN))
    unseen = by_itself.is_in([OVERLAP, TOO_THIN]).fill_null(value=False) | (
        wide == FINER
    ).fill_null(value=False)
    gate.check_sums(shown, overlap, areas)
    protected = gate.protected(shown, by_itself.is_null() & stays, unseen, areas, before)
    rule = _first(by_itself, from_cells(gate.rows, shown.parts, protected.cells, protected.dropped))
    rule = _first(_where(~stays, WIDENED), rule)
    rule = inherited(gate.rows, rule, gate.entries)
    gate.rows = standing_among_released(gate.rows, rule, gate.entries)
    tables, rule = gate.tables(rule, ~stays)
    return GateResult(
        tables={
            topic: sort_by_key(
                check_table(
                    table.select(contract.released.names), contract.released, f"{topic}, released"
                ),
                contract,
            )
            for topic, table in tables.items()
        },
        rows=rows_for_evidence(
            gate.rows,
            rule,
            shown.parts.filter(pl.col("cell").is_in(protected.cells["cell"].implode())),
        ),
        cells=cells_for_evidence(protected.cells),
        audit=audit_for_evidence(protected, gate.quantity_profiles),
        profiles=gate.profiles,
    )
