"""GeoJSON and GeoPackage: geometries, attributes with gaps, layers, coordinate systems."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyogrio
import pytest
import shapely

from lds.errors import SourceError
from lds.sources.contract import Column, Contract, Part, Reader
from lds.sources.staging import Staged, stage
from unit.sources.builders import DAY, NUMBER, PLACE, contract, counts, dropped, lines_and_reasons

SHAPE = Column(
    name="shape", part="geometry", type="geometry", required=True, description="A boundary."
)
SHAPES = [
    shapely.box(0, 0, 1, 1),
    shapely.MultiPolygon([shapely.box(1, 1, 2, 2), shapely.box(3, 3, 4, 4)]),
    shapely.Polygon([(0, 0), (9, 0), (9, 9)], holes=[[(5, 1), (6, 1), (6, 2)]]),
]
DAYS = ["2020-03-01", "2020-03-02", "2020-03-03"]
SPATIAL = contract(
    columns=(PLACE, DAY, NUMBER, SHAPE), key=("place",), reader=Reader(format="geojson")
)


def staged_file(path: Path, made: Contract, form: str = "", **reader: Any) -> Staged:
    if form:
        made = replace(made, reader=Reader(format=form, **reader))
    return stage(path, made, None, path.with_name("made.parquet"))


def geojson(
    folder: Path, shapes: Sequence[shapely.Geometry | None], **properties: Sequence[object]
) -> Path:
    columns: dict[str, Sequence[object]] = {
        "Place": ["A", "B", "C"],
        "Day": DAYS,
        "N": [1, 2, 3],
        **properties,
    }
    features = [
        {
            "type": "Feature",
            "properties": {name: values[place] for name, values in columns.items()},
            "geometry": None if shape is None else shapely.geometry.mapping(shape),
        }
        for place, shape in enumerate(shapes)
    ]
    path = folder / "raw.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def geopackage(
    path: Path, shapes: Sequence[shapely.Geometry | None], layer: str, crs: str, **more: Any
) -> Path:
    fields = {
        "Place": np.array(["A", "B", "C"], dtype=object),
        "Day": np.array(DAYS, dtype="datetime64[D]"),
        "N": np.array([1, 2, 3]),
        **more,
    }
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array(shapes, dtype=object)),
        field_data=list(fields.values()),
        fields=list(fields),
        layer=layer,
        crs=crs,
        geometry_type="Unknown",
        append=path.exists(),
        driver="GPKG",
    )
    return path


def same_shapes(staged: Staged, expected: Sequence[shapely.Geometry]) -> None:
    found = shapely.from_wkb(staged.table["shape"].to_list())
    assert staged.table.schema["shape"] == pl.Binary
    assert [bool(each) for each in shapely.equals_exact(found, list(expected))] == [True] * len(
        expected
    )


def systems(staged: Staged) -> list[str | None]:
    files = staged.report["files"]
    assert isinstance(files, list)
    return [each["crs"] for each in files]


def test_geometries_are_those_of_the_file(tmp_path: Path) -> None:
    staged = staged_file(geojson(tmp_path, SHAPES), SPATIAL)
    same_shapes(staged, SHAPES)
    assert staged.table.drop("shape").rows()[0] == ("A", date(2020, 3, 1), 1)
    path = geopackage(tmp_path / "raw.gpkg", SHAPES, "areas", "EPSG:27700")
    same_shapes(staged_file(path, SPATIAL, "geopackage"), SHAPES)


@pytest.mark.parametrize("crs", ["EPSG:27700", "EPSG:4326", "EPSG:3857"])
def test_the_coordinate_system_is_reported(tmp_path: Path, crs: str) -> None:
    path = geopackage(tmp_path / "raw.gpkg", SHAPES, "areas", crs)
    assert systems(staged_file(path, SPATIAL, "geopackage")) == [crs]
    assert systems(staged_file(geojson(tmp_path, SHAPES), SPATIAL)) == ["EPSG:4326"]


def test_a_file_without_geometries_has_no_coordinate_system(tmp_path: Path) -> None:
    path = tmp_path / "raw.csv"
    path.write_text("Place,Day,N\nA,2020-03-01,1\n")
    assert systems(stage(path, contract(), None, tmp_path / "made.parquet")) == [None]


@pytest.mark.parametrize("missing", [None, shapely.Polygon(), shapely.Point()])
@pytest.mark.parametrize("form", ["geojson", "geopackage"])
def test_a_missing_or_empty_geometry_is_rejected_where_one_is_required(
    tmp_path: Path, missing: shapely.Geometry | None, form: str
) -> None:
    shapes = [SHAPES[0], missing, SHAPES[1]]
    path = (
        geojson(tmp_path, shapes)
        if form == "geojson"
        else geopackage(tmp_path / "raw.gpkg", shapes, "areas", "EPSG:27700")
    )
    staged = staged_file(path, SPATIAL, form)
    assert lines_and_reasons(staged) == [(2, "a value is required")]
    assert staged.rejected["column"].to_list() == ["shape"]
    same_shapes(staged, SHAPES[:2])
    columns = (*SPATIAL.columns[:3], replace(SHAPE, required=False))
    assert staged_file(path, replace(SPATIAL, columns=columns), form).table["shape"][1] is None


def test_attributes_with_gaps_keep_their_type(tmp_path: Path) -> None:
    path = geojson(
        tmp_path,
        SHAPES,
        N=[1, None, 2.5],
        Day=["2020-03-01", None, "2020-02-30"],
        Yes=[True, None, False],
        Text=["007", None, "2020/03/01"],
        List=[[1, 2], None, []],
    )
    columns = (
        PLACE,
        replace(DAY, required=False),
        replace(NUMBER, type="number"),
        Column(name="yes", source_name="Yes", type="boolean", description="An answer."),
        Column(name="text", source_name="Text", type="text", description="A text."),
    )
    made = replace(SPATIAL, columns=columns, extra_columns="ignore")
    staged = staged_file(path, made)
    assert staged.table.rows() == [
        ("A", date(2020, 3, 1), 1.0, True, "007"),
        ("B", None, None, None, None),
    ]
    assert lines_and_reasons(staged) == [(3, "not a date (YYYY-MM-DD)")]
    assert staged.report["columns_ignored"] == ["List"]
    text = replace(made, columns=(PLACE, columns[4]))
    assert staged_file(path, text).table["text"].to_list() == ["007", None, "2020/03/01"]


def test_attributes_of_a_geopackage_with_gaps(tmp_path: Path) -> None:
    path = geopackage(
        tmp_path / "raw.gpkg",
        SHAPES,
        "areas",
        "EPSG:27700",
        N=np.array([1, np.nan, 2.5]),
        Day=np.array(["2020-03-01", "NaT", "2021-03-01"], dtype="datetime64[D]"),
        Place=np.array(["A", None, "C"], dtype=object),
    )
    columns = (replace(PLACE, required=False), replace(DAY, required=False), NUMBER)
    staged = staged_file(path, replace(SPATIAL, columns=columns), "geopackage")
    assert staged.table.rows() == [("A", date(2020, 3, 1), 1)]
    assert lines_and_reasons(staged) == [(3, "above 2020-12-31")]
    assert dropped(staged) == [(0, 1, 0)]


LEVEL = Column(name="level", part="sheet", type="text", description="A level.")


def test_layers_are_parts_of_one_table(tmp_path: Path) -> None:
    path = tmp_path / "raw.gpkg"
    geopackage(path, SHAPES, "lad", "EPSG:27700")
    geopackage(path, [SHAPES[0], None, SHAPES[2]], "ward", "EPSG:4326")
    geopackage(path, SHAPES, "other", "EPSG:4326", Place=np.array([1, 2, 3]))
    parts = tuple(Part(name=each, values={"level": each}) for each in ("ward", "lad"))
    made = replace(SPATIAL, columns=(*SPATIAL.columns, LEVEL), key=("place", "level"))
    staged = staged_file(path, made, "geopackage", sheets=parts)
    assert staged.table["level"].to_list() == ["ward"] * 2 + ["lad"] * 3
    assert staged.rejected.select("file", "line").rows() == [("raw.gpkg, sheet ward", 2)]
    assert systems(staged) == ["EPSG:4326", "EPSG:27700"]
    assert counts(staged) == (6, 5, 1)


@pytest.mark.parametrize("access", ["open", "secure"])
def test_a_layer_that_is_not_there(tmp_path: Path, access: str) -> None:
    path = geopackage(tmp_path / "raw.gpkg", SHAPES, "Jane", "EPSG:27700")
    made = replace(SPATIAL, access=access)
    with pytest.raises(SourceError, match="no layer 'lad'") as caught:
        staged_file(path, made, "geopackage", sheets=(Part(name="lad"),))
    assert ("Jane" in str(caught.value)) == (access == "open")


@pytest.mark.parametrize("access", ["open", "secure"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"type": "FeatureCollection", "features": []}', "it has no features"),
        ('{"type": "FeatureCollection", "features": [', "cannot be read"),
        ('{"type": "FeatureCollection", "features": [{"Jane": Doe}]}', "cannot be read"),
        ('{"type":', "cannot be read"),
        ("[1]", "cannot be read"),
        ("Jane,Doe\n", "cannot be read"),
        ("", "is empty"),
    ],
)
def test_what_is_no_geojson_is_refused(
    tmp_path: Path, content: str, message: str, access: str
) -> None:
    path = tmp_path / "raw.geojson"
    path.write_text(content)
    with pytest.raises(SourceError, match=message) as caught:
        staged_file(path, replace(SPATIAL, access=access))
    assert str(path) in str(caught.value)
    assert access == "open" or "Jane" not in str(caught.value)


def test_no_features_are_too_few(tmp_path: Path) -> None:
    path = tmp_path / "raw.gpkg"
    pyogrio.raw.write(
        path,
        geometry=np.array([], dtype=object),
        field_data=[
            np.array([], dtype=object),
            np.array([], dtype="datetime64[D]"),
            np.array([1])[:0],
        ],
        fields=["Place", "Day", "N"],
        layer="areas",
        crs="EPSG:27700",
        geometry_type="Polygon",
        driver="GPKG",
    )
    with pytest.raises(SourceError, match="has 0 rows"):
        staged_file(path, SPATIAL, "geopackage")


@pytest.mark.parametrize("content", [b"SQLite format 3\0" + bytes(500), b"Jane", b""])
def test_what_is_no_geopackage_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "raw.gpkg"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"cannot be read|is empty"):
        staged_file(path, SPATIAL, "geopackage")


@pytest.mark.parametrize("access", ["open", "secure"])
def test_a_value_that_the_library_would_lose_is_refused_and_never_printed(
    tmp_path: Path, access: str, recwarn: pytest.WarningsRecorder, capfd: pytest.CaptureFixture[str]
) -> None:
    path = geopackage(tmp_path / "raw.gpkg", SHAPES, "areas", "EPSG:27700")
    with sqlite3.connect(path) as con:
        triggers = con.execute("select name from sqlite_master where type = 'trigger'").fetchall()
        for (name,) in triggers:
            con.execute(f'drop trigger "{name}"')
        con.execute("update areas set Day = 'Jane' where Place = 'B'")
    with pytest.raises(SourceError, match="Invalid content for record") as caught:
        staged_file(path, replace(SPATIAL, access=access), "geopackage")
    assert ("Jane" in str(caught.value)) == (access == "open")
    assert not recwarn.list
    assert capfd.readouterr() == ("", "")
