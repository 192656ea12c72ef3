"""Makes a web page of an executed notebook: one file that needs no network, in the reader's light or dark setting.

usage: export.py <notebook> <html>
"""

import copy
import re
import sys
from html import escape
from pathlib import Path

import nbformat
from jinja2 import FileSystemLoader, pass_context
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

HERE = Path(__file__).parent


def mathml(tex, display="inline"):
    """A formula for the browser; one that cannot be read is shown as it was written."""
    try:
        return convert(tex, display=display)
    except Exception:
        return f"<code>{escape(tex)}</code>"


class Renderer(IPythonRenderer):
    """Markdown whose formulas are MathML, which browsers show by themselves."""

    def block_math(self, body):
        return mathml(body, "block")

    def inline_math(self, body):
        return mathml(body)

    def latex_environment(self, name, body):
        return mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")


class PageExporter(HTMLExporter):
    @pass_context
    def markdown2html(self, context, source):
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = Renderer(escape=False, attachments=attachments, exclude_anchor_links=True)
        return MarkdownWithMath(renderer=renderer).render(source)


def title_of(notebook):
    """The notebook's first heading."""
    headings = (re.search(r"^#+ +(.+)", cell.source, re.M) for cell in notebook.cells if cell.cell_type == "markdown")
    return next((heading[1].strip() for heading in headings if heading), "Notebook")


def page(notebook):
    """The page's HTML."""
    notebook = copy.deepcopy(notebook)
    notebook.metadata.setdefault("title", title_of(notebook))
    exporter = PageExporter(extra_loaders=[FileSystemLoader(HERE)], template_file="page.html.j2")
    html, _ = exporter.from_notebook_node(notebook)
    return html


if __name__ == "__main__":
    source, target = sys.argv[1:]
    Path(target).write_text(page(nbformat.read(source, as_version=4)), encoding="utf-8")
