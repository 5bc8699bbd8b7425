"""The links of the documents: where each leads, and which lead nowhere; for test_links.py and website.py."""

import re
from pathlib import Path
from urllib.parse import unquote

from system import ROOT

FENCE = re.compile(r"^([ \t]*)(```+|~~~+)[^\n]*\n.*?^\1\2[ \t]*$", re.M | re.S)
CODE = re.compile(r"(`+)(?:[^`\n]|\n(?!\n))+\1")
COMMENT = re.compile(r"<!--.*?-->", re.S)
LINK = re.compile(r"\]\(\s*<?([^()\s<>]*(?:\([^()\s]*\)[^()\s]*)?)>?(?:\s+\"[^\"]*\")?\s*\)")
ATTRIBUTE = re.compile(r"<(?:img|a|source)\b[^>]*?\b(?:src|href|srcset)=\"([^\"]+)\"", re.I)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.M)
ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.I)
FOLDERS = ("docs", "examples", "bench")


def documents():
    """The Markdown files that people read: those at the top, and those of docs, examples and bench."""
    return sorted([*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))])


def blank(match):
    """As many blank lines as what was matched has lines."""
    return "\n" * match[0].count("\n")


def prose(text):
    """A document without its code and comments, lines where they were."""
    return CODE.sub(lambda match: "`" + blank(match), COMMENT.sub(blank, FENCE.sub(blank, text)))


def links(path):
    """Yield each link of a document that does not lead to another host: line, target."""
    text = prose(path.read_text())
    for pattern in (LINK, ATTRIBUTE):
        for match in pattern.finditer(text):
            if match[1] and not ELSEWHERE.match(match[1]):
                yield text.count("\n", 0, match.start()) + 1, match[1]


def anchors(path):
    """The anchors of a document's headings, as a forge makes them."""
    found = {}
    for heading in HEADING.findall(COMMENT.sub(blank, FENCE.sub(blank, path.read_text()))):
        words = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", words.strip().lower().replace("`", "")).replace(" ", "-")
        number = found.get(slug, -1) + 1
        found[slug] = number
        if number:
            found[f"{slug}-{number}"] = 0
    return set(found)


def target(path, link):
    """The file that a link of a document leads to, and the anchor there."""
    file, _, anchor = unquote(link).partition("#")
    return ((path.parent / file).resolve() if file else path), anchor


def dead(paths):
    """What is wrong with the links of these documents, a line for each."""
    known, wrong = {}, []
    for path in paths:
        for line, link in links(path):
            file, anchor = target(path, link)
            where = f"{path.relative_to(ROOT)}:{line}: {link}"
            if not file.exists():
                wrong.append(f"{where}: no such file")
            elif not Path(file).is_relative_to(ROOT):
                wrong.append(f"{where}: outside of the project")
            elif anchor and file.suffix == ".md":
                known.setdefault(file, anchors(file))
                if anchor not in known[file]:
                    wrong.append(f"{where}: no such heading")
    return wrong
