"""The pages docs/columns.md and docs/columns.zh.md: the columns of a segmentation view, as their comments tell them.

A segmentation is made without options, one with each option that adds columns, and one with all of them in each
language; so the pages know what brings a column, its type and its comment. view_columns.sql has the orders.
"""

import json
from pathlib import Path

from system import ROOT

ORDERS = Path(__file__).with_name("view_columns.sql")
CUSTOMERS = {"source": "shop.customers", "customer": "id"}
EVENTS = {"customer": "customer_id", "at": "at", "kind": "kind"}
ADDING = {  # what brings columns: the words for it, and the options
    "customers": {"customers": {**CUSTOMERS, "columns": ["region"]}},
    "customers.acquisition_cost": {"customers": {**CUSTOMERS, "acquisition_cost": "won_for"}},
    "cost_to_serve": {"cost_to_serve": "service"},
    "discount": {"discount": "reduced"},
    "product": {"product": "product"},
    "channel": {"channel": "channel"},
    "need": {"need": "wants", "customers": CUSTOMERS},
    "interactions": {"interactions": {"source": "shop.contacts", **EVENTS}},
    "satisfaction": {"satisfaction": {"source": "shop.answers", **EVENTS, "score": "score"}},
    "indexes": {"indexes": {"influence": {"frequency": 1, "revenue": 1}}},
    "keep": {"keep": "refreshed"},
}
COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)
FROM pg_attribute WHERE attrelid = 'shop.{view}'::regclass AND attnum > 0 ORDER BY attnum
"""
TEXTS = {
    "en": {
        "title": "Columns of a segmentation view",
        "about": """
A segmentation view has one row per customer. What a column means stands in its comment, in the language of the
segmentation: `\\d+ shop.customer_segments` shows them, and so does a BI tool. This page has them all, from orders
`shop.orders (customer_id, ordered_at, total numeric(10,2), …)`. [中文](columns.zh.md)

Amounts have the decimal places of the source. A column that is NULL says why in its comment; there is neither NaN nor
infinity. Columns are appended, never moved. Beside the view stands a function `…_of(customer)` with the same columns
for one customer. How to read them: [reading_segments.md](reading_segments.md).
""",
        "always": "In every view", "optional": "With options", "column": "column", "type": "type", "option": "option",
        "or": " or ",
        "optional_about": """
These are there if an [option](options.md) asks for them; [matrices/inputs.md](matrices/inputs.md) has the optional
inputs one by one. `region` stands for any column of the customer table, `influence` for an index of your own.
""",
    },
    "zh": {
        "title": "客户细分视图的列",
        "about": """
客户细分视图每个客户一行。每一列的含义写在它的注释里，用该细分的语言：`\\d+ shop.customer_segments` 和 BI
工具都会显示。本页列出全部列，取自订单表 `shop.orders (customer_id, ordered_at, total numeric(10,2), …)`，
选项为 `"language": "zh"`。[English](columns.md)

金额的小数位数与数据源相同。值为 NULL 的原因写在注释里；不会出现 NaN 或无穷大。新列只追加在末尾，
不会移动位置。视图旁边有函数 `…_of(customer)`，返回单个客户的同样各列。
怎样查询，见 [reading_segments.md](reading_segments.md)（英文）。
""",
        "always": "每个视图都有的列", "optional": "由选项带来的列", "column": "列", "type": "类型", "option": "选项",
        "or": " 或 ",
        "optional_about": """
使用相应的[选项](options.md)时才有这些列；各项可选数据见 [matrices/inputs.md](matrices/inputs.md)（英文）。
`region` 代表客户表的任意一列，`influence` 代表自定义的加权指数。
""",
    },
}


def create(view, options):
    """The statement that makes a segmentation."""
    text = json.dumps({"as_of": "latest", **options}).replace("'", "''")
    return ("SELECT customer_value.create_segmentation(\n"
            f"    'shop.{view}', 'shop.orders', 'customer_id', 'ordered_at', 'total', '{text}');\n")


def together(names):
    """The options of several additions as one."""
    options = {}
    for name in names:
        for key, value in ADDING[name].items():
            options[key] = {**options.get(key, {}), **value} if isinstance(value, dict) else value
    return options


def pages(cluster, db):
    """The pages by their path; makes schema shop in the database."""
    views = {"plain": {}}
    views.update((name.replace(".", "_") + "_", options) for name, options in ADDING.items())
    views.update((language, {**together(ADDING), "language": language}) for language in TEXTS)
    cluster.psql(ORDERS.read_text() + "".join(create(view, options) for view, options in views.items()), db=db)
    columns = {view: cluster.rows(COLUMNS.format(view=view), db=db) for view in views}
    names = {view: [column for column, *_ in rows] for view, rows in columns.items()}
    brings = {column: [name for name in ADDING if column in names[name.replace(".", "_") + "_"]]
              for column in names["en"] if column not in names["plain"]}
    return {ROOT / "docs" / ("columns.md" if language == "en" else f"columns.{language}.md"):
            page(TEXTS[language], columns[language], brings) for language in TEXTS}


def page(texts, columns, brings):
    """The text of one page."""
    lines = [f"# {texts['title']}", "", "<!-- Written by `make docs` from the comments in the catalogue. Do not edit. -->",
             texts["about"], f"## {texts['always']}", "", f"| {texts['column']} | {texts['type']} | |", "|---|---|---|"]
    lines += [f"| `{name}` | {shown(type_)} | {cell(comment)} |" for name, type_, comment in columns if name not in brings]
    lines += ["", f"## {texts['optional']}", texts["optional_about"],
              f"| {texts['column']} | {texts['type']} | {texts['option']} | |", "|---|---|---|---|"]
    for name, type_, comment in columns:
        if name in brings:
            options = texts["or"].join(f"`{option}`" for option in brings[name])
            lines.append(f"| `{name}` | {shown(type_)} | {options} | {cell(comment)} |")
    return "\n".join(lines) + "\n"


def shown(type_):
    """A type as people write it."""
    return type_.replace("timestamp with time zone", "timestamptz")


def cell(comment):
    """A comment in a cell of a table."""
    return comment.replace("|", "\\|").replace("<", "\\<").replace("*", "\\*")
