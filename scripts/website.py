"""Builds the documentation site from README.md and docs/ into build/site; `make site`.

The generator is Zensical, fetched once into build/tools (docs/site.txt has the versions). Pages keep their places, so
that links are the same here, on a forge and in a checkout; the navigation is the list of docs/README.md. A link or an
anchor that leads nowhere fails the build, and so does anything that a page would load from another host.
"""

import json
import re
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import links
import wheels
from system import ROOT, Problem, clean_env, home, lock, output, problems_shown, say, timed

CONFIG = ROOT / "docs" / "site.toml"
VERSIONS = ROOT / "docs" / "site.txt"
START = ROOT / "docs" / "README.md"
COPIED = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "docs", "examples", "bench/README.md"]
LEFT_OUT = shutil.ignore_patterns("__pycache__", "target", "logs", "dbt_packages", ".*", "site.toml", "site.txt")
LOADED = {"link": "href", **dict.fromkeys(["script", "img", "source", "iframe", "video", "audio"], "src")}
CHINESE_BREAK = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u4e00-\u9fff])")
COLOURS = re.compile(r"\x1b\[[\d;]*m")
LINK_ONLY = ("canonical", "alternate", "next", "prev")  # <link> that loads nothing


def navigation():
    """The start page's sections and their pages, as the generator takes them."""
    sections, seen = [], set()
    for line in START.read_text().splitlines():
        heading = re.match(r"## (.+)", line)
        page = re.match(r"\* \[(.+?)\]\((\S+?)\)", line)
        if heading:
            sections.append({heading[1]: []})
        elif page and sections:
            path, _ = links.target(START, page[2])
            if path not in seen:
                seen.add(path)
                next(iter(sections[-1].values())).append({page[1]: str(path.relative_to(ROOT))})
    sections = [section for section in sections if "中文" not in section]
    return [{"Documentation": "docs/README.md"}, *sections, {"中文": ["docs/README.zh.md", *chinese()]}]


def chinese():
    """The pages in Chinese, the walk through first."""
    pages = sorted((ROOT / "docs").rglob("*zh.md"), key=lambda path: (path.name != "zh.md", path.name))
    return [str(path.relative_to(ROOT)) for path in pages if path.name != "README.zh.md"]


def stage(folder):
    """Copy the pages, and what they show and lead to, into the generator's folder."""
    pages = folder / "pages"
    for name in COPIED:
        source, copy = ROOT / name, pages / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=LEFT_OUT)
        else:
            shutil.copyfile(source, copy)
    for page in sorted(pages.rglob("*.md")):
        original = ROOT / page.relative_to(pages)
        # ```sql shop: the word after the language is for the tests
        text = re.sub(r"^([ \t]*```\w+) .*$", r"\1", page.read_text(), flags=re.M)
        for _, link in links.links(original):
            file, _ = links.target(original, link)
            copy = pages / file.relative_to(ROOT)
            if file.is_dir():  # a forge lists what is in a folder, a site does not
                text = re.sub(r"\[([^\]]*)\]\(" + re.escape(link) + r"\)", r"\1", text)
            elif file.is_file() and not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)
        page.write_text(unbroken(text))
    settings = CONFIG.read_text().replace("[project]\n", f"[project]\nnav = {toml(navigation())}\n", 1)
    (folder / "zensical.toml").write_text(settings)


def unbroken(text):
    """Chinese without its line breaks, which would show as blanks."""
    pieces, end = [], 0
    for fence in links.FENCE.finditer(text):
        pieces += [CHINESE_BREAK.sub("", text[end:fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*pieces, CHINESE_BREAK.sub("", text[end:])])


def toml(value):
    """Lists, tables and text as TOML."""
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(item)}" for key, item in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


class Page(HTMLParser):
    """What a page of the site has: its anchors, where it leads, and what it loads."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.loads = set(), [], []
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        """Note an element."""
        attributes = dict(attributes)
        self.ids.update(attributes[key] for key in ("id", "name") if attributes.get(key))
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        if attributes.get(LOADED.get(tag)) and attributes.get("rel") not in LINK_ONLY:
            self.loads.append(attributes[LOADED[tag]])


def wrong(site):
    """What is wrong with a built site: dead links and anchors, and what comes from other hosts."""
    pages = {path: Page(path) for path in site.rglob("*.html")}
    found = []
    for path, page in sorted(pages.items()):
        where = path.relative_to(site)
        found += [f"{where} loads {load}" for load in page.loads if urlsplit(load).netloc]
        for link in [*page.links, *page.loads]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or path.name == "404.html":
                continue
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            file = file / "index.html" if file.is_dir() else file
            if not file.exists():
                found.append(f"{where}: {link}: no such page")
            elif parts.fragment and file in pages and unquote(parts.fragment) not in pages[file].ids | {"__comments"}:
                found.append(f"{where}: {link}: no such anchor")
    for path in site.rglob("*.css"):
        hosts = re.findall(r"(?:@import\s+|url\()[\"']?(https?://[^\"')]+)", path.read_text())
        found += [f"{path.relative_to(site)} loads {host}" for host in hosts]
    return found


def build():
    """Build the site and look at it; where it is."""
    python, folder = wheels.ensure("site", VERSIONS, "Zensical builds the documentation site")
    source, site = home() / "site-source", home() / "site"
    with lock("site"):
        shutil.rmtree(source, ignore_errors=True)
        source.mkdir()
        stage(source)
        try:
            said = output([python, "-m", "zensical", "build", "--clean", "--strict"],
                          env=clean_env(PYTHONPATH=str(folder)), cwd=source)
        except Problem as problem:
            raise Problem(COLOURS.sub("", str(problem))) from None
        if not (source / "site" / "index.html").exists():
            raise Problem(f"the generator made no site:\n{said}")
        found = wrong(source / "site")
        if found:
            raise Problem("\n".join(["the site has mistakes:", *found]))
        shutil.rmtree(site, ignore_errors=True)
        (source / "site").rename(site)
    return site


def main():
    """Build the site."""
    with timed("building the documentation site"):
        dead = links.dead(links.documents())
        if dead:
            raise Problem("\n".join(["links that lead nowhere:", *dead]))
        site = build()
    say(f"{len(list(site.rglob('index.html')))} pages; open {site / 'index.html'}, or serve them: "
        f"{Path(sys.executable).name} -m http.server -d {site}")


if __name__ == "__main__":
    with problems_shown():
        main()
