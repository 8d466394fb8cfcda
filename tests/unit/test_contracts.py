from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from lds.contracts import (
    TableColumn,
    TableContract,
    check_table,
    load_table_contract,
    sort_by_key,
    write_table,
)
from lds.errors import ContractError

CONTRACT = TableContract(
    title="Made",
    description="A made table.",
    key=("area", "day"),
    columns=(
        TableColumn(name="area", type="text", description="."),
        TableColumn(name="day", type="date", description="."),
        TableColumn(name="n", type="integer", nullable=True, description="."),
        TableColumn(name="value", type="number", nullable=True, description="."),
        TableColumn(name="mark", type="text", nullable=True, allowed=("u", "x"), description="."),
    ),
)
GOOD = pl.DataFrame(
    [("B", date(2020, 1, 1), 1, 0.5, None), ("A", date(2020, 1, 1), None, None, "x")],
    schema=CONTRACT.polars_schema,
    orient="row",
)
LITERAL = {
    "int": pl.lit(1, dtype=pl.Int32).alias("n"),
    "float": pl.col("n").cast(pl.Float64),
    "missing": pl.lit(None, dtype=pl.String).alias("area"),
    "nan": pl.lit(float("nan")).alias("value"),
    "infinite": pl.lit(float("-inf")).alias("value"),
    "mark": pl.lit("c").alias("mark"),
    "same": pl.lit("A").alias("area"),
    "extra": pl.lit(1).alias("more"),
}


def test_a_good_table_comes_back_in_the_order_of_its_contract() -> None:
    again = check_table(GOOD.select(reversed(GOOD.columns)), CONTRACT, "made")
    assert again.equals(GOOD)
    assert check_table(GOOD.clear(), CONTRACT, "made").is_empty()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("int", "Column n of table made is Int32, not integer"),
        ("float", "Column n of table made is Float64, not integer"),
        ("missing", r"Column area of table made may not be missing(.|\n)*2 rows"),
        ("nan", "Column value of table made holds infinite or NaN"),
        ("infinite", "Column value of table made holds infinite or NaN"),
        ("mark", r"Column mark .* not allowed(.|\n)*values: c"),
        ("same", r"repeats its key \(area, day\)(.|\n)*1 rows"),
        ("extra", r"missing: none; unknown: more"),
    ],
)
def test_each_fault_is_named(change: str, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        check_table(GOOD.with_columns(LITERAL[change]), CONTRACT, "made")


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ContractError, match="missing: value; unknown: none"):
        check_table(GOOD.drop("value"), CONTRACT, "made")


def test_a_table_is_written_sorted_or_not_at_all(tmp_path: Path) -> None:
    write_table(tmp_path / "made.parquet", GOOD, CONTRACT)
    assert pl.read_parquet(tmp_path / "made.parquet")["area"].to_list() == ["A", "B"]
    with pytest.raises(ContractError, match=r"bad\.parquet"):
        write_table(tmp_path / "bad.parquet", GOOD.with_columns(LITERAL["same"]), CONTRACT)
    assert [path.name for path in tmp_path.iterdir()] == ["made.parquet"]


@pytest.mark.parametrize("layer", ["indicators", "harmonised_change"])
def test_the_contracts_of_the_project_hold_together(layer: str) -> None:
    contract = load_table_contract(layer)
    assert set(contract.key) <= set(contract.names)
    assert len(set(contract.names)) == len(contract.names)
    assert not any(column.nullable for column in contract.columns if column.name in contract.key)
    assert all(column.description for column in contract.columns)


def test_tables_are_sorted_as_their_texts_and_days_are() -> None:
    contract = load_table_contract("indicators")
    texts = ["b", "a", "\N{LATIN SMALL LETTER E WITH ACUTE}", "Z", "a b"]
    table = pl.DataFrame(
        [
            (texts[number % 5], texts[number % 3], date(2020, 1, 1 + number % 28))
            for number in range(60)
        ],
        schema=["area", "measure", "start"],
        orient="row",
    )
    rest = [name for name in contract.key if name not in table.columns]
    table = table.with_columns(pl.lit("x").alias(name) for name in rest)
    ordered = sort_by_key(table, contract)
    assert ordered.equals(table.sort(contract.key, maintain_order=True))
