"""What pages are checked with: html-validate and axe-core from npm, fetched once and then used offline."""

import json
import re
import subprocess

import node
from system import ROOT, Problem, clean_env, output

HERE = ROOT / "tests" / "page"
OLDEST_NODE = (20, 19)  # that html-validate runs on


def why_not():
    """Why nothing can be checked here; None if it can."""
    if not node.is_here():
        return "node and npm are not here to check HTML with"
    found = tuple(map(int, re.findall(r"\d+", output(["node", "--version"]))[:2]))
    if found < OLDEST_NODE:
        return f"node {'.'.join(map(str, found))} is here, html-validate needs 20.19"
    return None


def ensure():
    """The folder node_modules with the checkers."""
    return node.ensure("page", HERE, "html-validate and axe-core, with which the tests check pages")


def html_complaints(files):
    """What html-validate complains of, a line for each."""
    command = ["node", ensure() / "html-validate/bin/html-validate.mjs",
               "--config", HERE / "htmlvalidate.json", "--formatter", "json", *files]
    done = subprocess.run([str(part) for part in command], env=clean_env(), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if not done.stdout.startswith("["):
        raise Problem(f"html-validate failed:\n{done.stdout}{done.stderr}")
    return [f"{found['filePath']}:{one['line']}: {one['ruleId']}: {one['message']}"
            for found in json.loads(done.stdout) for one in found["messages"]]


def axe_complaints(page):
    """What axe-core complains of in a page of scripts/browser.py, a line for each rule."""
    page.evaluate((ensure() / "axe-core/axe.min.js").read_text() + "; true")
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then(r => r.violations.map("
                          "v => v.id + ': ' + v.help + ': ' + v.nodes.slice(0, 3).map(n => n.html)))")
    return [text[:600] for text in found]
