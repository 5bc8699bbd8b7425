"""The dashboards of examples/: their files are what the tools take, and what they ask the database runs there.

Superset builds SQL from its charts, Grafana and Metabase fill holes in SQL; both is done here in the simplest way.
scripts/dashboards.py imports the bundle into a real Superset and draws it.
"""

import io
import json
import re
import subprocess
import sys
import zipfile
from itertools import product

import loaders
import node
import pytest
from helpers import QUIET, TESTS
from system import ROOT, clean_env, output

EXAMPLES = ROOT / "examples"
sys.path.insert(0, str(EXAMPLES / "superset"))
import bundle  # noqa: E402

READER = "bi_reader"  # also in examples/shop.sql
CUSTOMERS = 300
TYPES = {"TEXT": "text", "DATE": "date", "TIMESTAMP WITH TIME ZONE": "timestamp with time zone"}
# A type whose enumerations are the texts or numbers that stand in JSON
PLAIN = "type Plain<T> = T extends string ? `${T}` : T extends number | boolean | null | undefined ? T : " \
        "T extends (infer U)[] ? Plain<U>[] : T extends object ? {[K in keyof T]: Plain<T[K]>} : T;"
READ_YAML = "import json, sys, yaml; print(json.dumps([yaml.safe_load(text) for text in json.load(open(sys.argv[1]))]))"


@pytest.fixture
def read_yaml(shown, tmp_path):
    """Reads YAML texts with the Python that has PyYAML."""
    with shown():
        python, folder = loaders.ensure()

    def read(texts):
        given = tmp_path / "texts.json"
        given.write_text(json.dumps(list(texts)))
        return json.loads(output([python, "-S", "-c", READ_YAML, given], env=clean_env(PYTHONPATH=str(folder))))

    return read


@pytest.fixture
def shop(cluster):
    """The shop of the examples, small, as its reader sees it."""
    cluster.psql(f"{QUIET}\\set customers {CUSTOMERS}\n{(EXAMPLES / 'shop.sql').read_text()}")
    yield cluster
    cluster.psql(f"DROP OWNED BY {READER}; DROP ROLE {READER};")


@pytest.fixture
def parts(read_yaml):
    """The parts of a bundle with these options, by folder and uuid."""
    def read(**options):
        files = bundle.files(**options)
        found = {}
        for name, part in zip(files, read_yaml(files.values())):
            found.setdefault(name.split("/")[0], {})[part.get("uuid", name)] = part
        return found

    return read


def names(shop, sql):
    """The columns of a query and their types, as the reader gets them."""
    return dict(shop.rows(f"{sql}\n\\gdesc", user=READER))


def source(dataset):
    """What a dataset of Superset selects from."""
    return f"({dataset['sql']}) AS virtual" if dataset["sql"] else f"{dataset['schema']}.{dataset['table_name']}"


def of_chart(chart, dataset):
    """The statement of a chart, much as Superset writes it."""
    params = chart["params"]
    metrics = {metric["metric_name"]: metric["expression"] for metric in dataset["metrics"]}
    columns = {column["column_name"]: column.get("expression") or column["column_name"] for column in dataset["columns"]}

    def measured(metric):
        return metrics[metric] if isinstance(metric, str) else metric["sqlExpression"]

    by = params.get("groupby", [])
    grouped = [by] if isinstance(by, str) else list(by)
    grouped += [params["x_axis"]] if "x_axis" in params else []
    measures = params.get("metrics") or ([params["metric"]] if "metric" in params else [])
    filters = ["true"]
    for one in params["adhoc_filters"]:
        assert one["operator"] in ("IS NOT NULL", "TEMPORAL_RANGE")
        filters.append(f"{columns[one['subject']]} IS NOT NULL")
    if params.get("query_mode") == "raw":
        wanted = [columns[name] for name in params["all_columns"]]
        order = [json.loads(one) for one in params["order_by_cols"]]
        ending = "ORDER BY " + ", ".join(f"{columns[name]} {'ASC' if up else 'DESC'}" for name, up in order)
    else:
        wanted = [columns[name] for name in grouped] + [measured(metric) for metric in measures]
        ending = "GROUP BY " + ", ".join(columns[name] for name in grouped) if grouped else ""
        if "timeseries_limit_metric" in params:
            ending += f" ORDER BY {measured(params['timeseries_limit_metric'])}"
    return f"SELECT {', '.join(wanted)} FROM {source(dataset)} WHERE {' AND '.join(filters)} {ending} LIMIT {params['row_limit']}"


def test_bundle_is_whole(parts):
    """Everything that a part names is there, once."""
    found = parts()
    datasets, charts = found["datasets"], found["charts"]
    assert len(found["databases"]) == len(found["dashboards"]) == 1 and len(charts) == 10
    assert all(dataset["database_uuid"] in found["databases"] for dataset in datasets.values())
    assert all(chart["dataset_uuid"] in datasets for chart in charts.values())
    dashboard, = found["dashboards"].values()
    position = dashboard["position"]
    places = {name: part for name, part in position.items() if isinstance(part, dict)}
    assert sorted(part["meta"]["uuid"] for part in places.values() if part["type"] == "CHART") == sorted(charts)
    children = [child for part in places.values() for child in part.get("children", [])]
    assert len(children) == len(set(children)) and set(children) <= set(places)
    for part in places.values():
        if part["type"] == "ROW":
            assert sum(places[child]["meta"]["width"] for child in part["children"]) <= 12
        if part["type"] == "CHART":
            assert part["meta"]["sliceName"] == charts[part["meta"]["uuid"]]["slice_name"]
    for one in dashboard["metadata"]["native_filter_configuration"]:
        target, = one["targets"]
        assert target["column"]["name"] in {column["column_name"] for column in datasets[target["datasetUuid"]]["columns"]}
    # never a day of the customer: a filter by time would filter by that
    assert {dataset["main_dttm_col"] for dataset in datasets.values()} == {None, "as_of"}


def test_archive(parts):
    """The archive has one folder, the address that was given, and no password in it."""
    uri = "postgresql+psycopg2://reader@db.example.com:6432/other"
    with zipfile.ZipFile(io.BytesIO(bundle.zipped(uri=uri))) as archive:
        listed = archive.namelist()
    assert "customer_value/metadata.yaml" in listed and all(name.startswith("customer_value/") for name in listed)
    database, = parts(uri=uri)["databases"].values()
    assert database["sqlalchemy_uri"] == uri
    named = parts(live=True, view="crm.people", snapshots="crm.days")["datasets"].values()
    assert sorted(source(dataset) for dataset in named) == ["crm.days", "crm.people"]


@pytest.mark.parametrize("live", [False, True], ids=["snapshot", "live"])
def test_superset(shop, parts, live):
    """Each column of a dataset is there with its type, and each chart's statement gives rows."""
    found = parts(live=live)
    for dataset in found["datasets"].values():
        columns = names(shop, f"SELECT * FROM {source(dataset)}")
        for column in dataset["columns"]:
            wanted = TYPES.get(column["type"], column["type"].lower().replace(", ", ","))
            if "expression" not in column:
                assert columns[column["column_name"]] == wanted
        for column in dataset["columns"]:
            if "expression" in column:
                assert names(shop, f"SELECT {column['expression']} AS c FROM {source(dataset)}") == {"c": "text"}
    for chart in found["charts"].values():
        sql = of_chart(chart, found["datasets"][chart["dataset_uuid"]])
        assert shop.rows(sql, user=READER), chart["slice_name"]


def test_labels_sort_by_rank(shop):
    """What the charts rely on: in the order of texts, the best stand first."""
    in_order = "SELECT DISTINCT rfm_segment, rfm_segment_rank FROM shop.customer_segments ORDER BY rfm_segment"
    ranks = [int(rank) for _, rank in shop.rows(in_order)]
    assert len(ranks) > 5 and ranks == sorted(ranks)


def test_snapshots_agree_with_the_view(shop):
    """The newest snapshot is what the live view shows."""
    sizes = "SELECT rfm_segment, growth_quadrant, clv_tier, count(*), sum(revenue) FROM {} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    newest = "shop.customer_snapshots WHERE as_of = (SELECT max(as_of) FROM shop.customer_snapshots)"
    assert shop.rows(sizes.format(newest)) == shop.rows(sizes.format("shop.customer_segments"))
    assert shop.value("SELECT count(DISTINCT as_of) FROM shop.customer_snapshots") == "13"


def grafana():
    """The dashboard of Grafana."""
    return json.loads((EXAMPLES / "grafana" / "customer_value.json").read_text(encoding="utf-8"))


def test_grafana_is_whole():
    """Panels lie beside each other within 24 columns, and all read the data source that an import asks for."""
    dashboard = grafana()
    asked, = dashboard["__inputs"]
    taken, ids = set(), set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = set(product(range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])))
        assert place["x"] + place["w"] <= 24 and not cells & taken
        taken |= cells
        ids.add(panel["id"])
        for part in (panel, *panel["targets"]):
            assert part["datasource"] == {"type": asked["pluginId"], "uid": f"${{{asked['name']}}}"}
        assert {target["format"] for target in panel["targets"]} == {"time_series" if panel["type"] == "timeseries" else "table"}
    assert len(ids) == len(dashboard["panels"])


@pytest.fixture
def grafana_types(shown):
    """Grafana's own types of dashboards, and a compiler that compares with them; fetched once."""
    if not node.is_here():
        pytest.skip("node and npm are not here to compare with Grafana's types")
    with shown():
        return node.ensure("dashboards", TESTS / "dashboards", "Grafana's types, with which a dashboard is compared")


def test_grafana_has_the_form_of_its_schema(grafana_types, tmp_path):
    """The dashboard and the options of its panels have what Grafana's types have, and nothing else."""
    dashboard = grafana()
    for of_export in ("__inputs", "__requires"):
        del dashboard[of_export]
    raw = grafana_types / "@grafana" / "schema" / "dist" / "types" / "raw"
    lines = [PLAIN, f'import type {{Dashboard}} from "{raw}/dashboard/x/types.gen";',
             f"export const dashboard: Plain<Dashboard> = {json.dumps(dashboard)};"]
    for panel in dashboard["panels"]:
        at = f'import("{raw}/composable/{panel["type"]}/panelcfg/x/types.gen")'
        parts = {"Options": panel["options"], "FieldConfig": panel["fieldConfig"]["defaults"].get("custom")}
        for kind in ("Options",) if panel["type"] in ("stat", "table") else parts:
            if parts[kind]:
                lines.append(f"export const {kind}{panel['id']}: Partial<Plain<{at}.{kind}>> = {json.dumps(parts[kind])};")

    def compiled(text):
        (tmp_path / "dashboard.ts").write_text(text)
        options = ["--noEmit", "--strict", "--skipLibCheck", "--moduleResolution", "bundler", "--module", "esnext"]
        return subprocess.run(["node", grafana_types / "typescript" / "bin" / "tsc", *options, tmp_path / "dashboard.ts"],
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout

    text = "\n".join(lines)
    assert compiled(text) == ""
    assert "unheardOf" in compiled(text.replace('"xField"', '"unheardOf"'))


def test_grafana(shop):
    """Each panel's statement runs, with one segment and with all of them; names of fields in options are columns."""
    dashboard = grafana()
    variable, = dashboard["templating"]["list"]
    labels = [label for label, in shop.rows(variable["query"], user=READER)]
    assert labels[0] == "01 Champions" and labels == sorted(labels)
    for chosen, panel in product((labels, labels[:1]), dashboard["panels"]):
        for target in panel["targets"]:
            sql = target["rawSql"].replace("${segment:sqlstring}", ",".join(f"'{label.replace(chr(39), chr(39) * 2)}'" for label in chosen))
            sql = re.sub(r"\$__timeFilter\((\w+)\)", r"\1 BETWEEN now() - interval '2 years' AND now()", sql)
            assert "$" not in sql and shop.rows(sql, user=READER), panel["title"]
            columns = names(shop, sql)
            fields = [override["matcher"]["options"] for override in panel["fieldConfig"]["overrides"]]
            fields += [panel["options"]["xField"]] if "xField" in panel["options"] else []
            assert set(fields) <= set(columns)
            if target["format"] == "time_series":
                assert columns["time"].startswith("timestamp") and columns["metric"] == "text"


def test_metabase(shop):
    """Each question runs with its field filters left out, and filled in as Metabase does."""
    table = "shop.customer_snapshots"
    fields = {"segment": "rfm_segment", "growth": "growth_quadrant", "as_of": "as_of"}
    questions = sorted((EXAMPLES / "metabase").glob("*.sql"))
    assert len(questions) == 6
    for question in questions:
        text = question.read_text(encoding="utf-8")
        used = set(re.findall(r"\{\{(\w+)\}\}", text))
        assert used and all(f"{one} on {fields[one]}" in text for one in used), question.name
        without = re.sub(r"\[\[.*?\]\]", "", text)
        assert shop.rows(without, user=READER), question.name

        def filled(hole):
            column = fields[hole[1]]
            value = shop.value(f"SELECT max({column}) FROM {table} WHERE as_of = (SELECT max(as_of) FROM {table})")
            return f"{table}.{column} IN ('{value}')"

        sql = re.sub(r"\{\{(\w+)\}\}", filled, text.replace("[[", "").replace("]]", ""))
        names(shop, sql)
        assert shop.rows(sql, user=READER) is not None
