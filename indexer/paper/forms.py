"""A paper's forms in plain text: Markdown, and a row of CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from indexer.paper.records import ROOT, Block, Paper, Run
from indexer.paper.wording import LICENCE

NOTICE = (
    "An independent restatement with no official status, and not legal advice. "
    "A reported outcome is not proof that the action caused it. "
)
SHORTLIST = "Shortlist from the High Needs Casebook"
COLUMNS = (
    "Title", "Council", "Region", "Kind of council", "Period", "Focus areas", "The problem", "What they did", "What changed",
    "Result", "Outcome dated", "Cost", "Caveats and what happened later", "The law", "Figures", "Sources", "Citation",
    "Address", "Checked", "Licence",
)  # fmt: skip
"""The header of the CSV."""

_MARKS = re.compile(r"[\\`*_\[\]<>|]|&(?=#?\w+;)")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def with_forms(paper: Paper) -> Paper:
    """The same paper with its Markdown and its row of CSV in it."""
    return paper.model_copy(update={"markdown": _markdown(paper), "header": _line(COLUMNS), "row": _row(paper)})


def as_markdown(papers: Sequence[Paper], root: str) -> str:
    """One paper, or several under a heading of their own, as Markdown.

    Args:
        papers: At least one.
        root: The site's address with the slash at its end, or "" where it is not known.
    """
    if len(papers) == 1:
        text = papers[0].markdown
    else:
        below = (re.sub(r"^#", "##", paper.markdown, flags=re.MULTILINE) for paper in papers)
        text = "\n".join([f"# {SHORTLIST}\n", *below])
    return text.replace(ROOT, root)


def as_csv(papers: Sequence[Paper], root: str) -> str:
    """A header and a row for each paper, for Excel: with a byte order mark, so that it reads £ and emoji right."""
    return "".join(["\ufeff", papers[0].header, *(paper.row for paper in papers)]).replace(ROOT, root)


def escaped(text: str) -> str:
    """A text in Markdown that reads as it stands."""
    return _MARKS.sub(r"\\\g<0>", text)


def _markdown(paper: Paper) -> str:
    lines = [f"# {escaped(paper.title)}", "", escaped(paper.summary), ""]
    lines += [f"- **{name}:** {escaped(fact)}" for name, fact in paper.facts.items()]
    lines += [f"- **Address:** <{paper.address}>", ""]
    for section in paper.sections:
        lines += [f"## {section.heading}", "", *_markdown_blocks(section.blocks, paper.slug)]
        if section.heading == "What to check in your own area" and paper.questions:
            lines += ["The guidance's own questions that fit:", "", *(f"- {escaped(text)}" for text in paper.questions), ""]
        if section.heading == "The law":
            lines += [f"- **{duty.label}.** {escaped(duty.text)} [{duty.law}]({duty.url})" for duty in paper.duties] + [""]
    if paper.figures:
        lines += ["## The figures", "", "| What was measured | Before | After or only value | When | Kind |"]
        lines += ["|---|---|---|---|---|"]
        lines += [
            f"| {escaped(figure.label)}[^{paper.slug}-{figure.source}] | {figure.before} | {figure.after} "
            f"| {escaped(figure.when)} | {figure.kind} |"
            for figure in paper.figures
        ]
        lines += [""]
    lines += ["## Cite this", "", *(f"- {escaped(citation)}" for citation in paper.citations), "", f"{NOTICE}{LICENCE}", ""]
    lines += [
        f"[^{paper.slug}-{source.id}]: {escaped(source.publisher)}, {escaped(source.title)}, <{source.url}>. {source.note}"
        for source in paper.sources
    ]
    return "\n".join(lines) + "\n"


def _row(paper: Paper) -> str:
    told = {section.heading: "\n".join(_said(block) for block in section.blocks) for section in paper.sections}
    values = {
        "Title": paper.title,
        "Council": paper.facts["Who"],
        "Region": paper.facts.get("Where", ""),
        "Kind of council": paper.facts.get("Kind of council", ""),
        **{name: paper.facts[name] for name in COLUMNS if name in paper.facts},
        **{name: told[name] for name in COLUMNS if name in told},
        "The law": "\n".join(f"{duty.label}: {duty.text} {duty.law}, {duty.url}" for duty in paper.duties),
        "Figures": "\n".join(
            f"{figure.label}: before {figure.before}, after or only value {figure.after}; {figure.when}; {figure.kind}; "
            f"source {_source(paper, figure.source)}"
            for figure in paper.figures
        ),
        "Sources": "\n".join(f"{source.publisher}, {source.title}, {source.url}. {source.note}" for source in paper.sources),
        "Citation": paper.citations[0],
        "Address": paper.address,
        "Licence": f"{NOTICE}{LICENCE}",
    }
    return _line(values[name] for name in COLUMNS)


def _said(block: Block) -> str:
    """A block as a line of plain text; a link's address stands after its words."""
    if block.kind == "row":
        return " | ".join(_said_runs(cell) for cell in block.cells)
    sign = "" if block.kind != "item" else "• " if block.number is None else f"{block.number}. "
    return f"{'    ' * (block.level - 1) if sign else ''}{sign}{_said_runs(block.runs)}"


def _said_runs(runs: Iterable[Run]) -> str:
    return "".join(run.text if run.url in (None, run.text) else f"{run.text} ({run.url})" for run in runs)


def _markdown_blocks(blocks: Sequence[Block], slug: str) -> Iterator[str]:
    """The lines of a section; an empty line after each block, rows of one table together."""
    for is_row, together in groupby(blocks, lambda block: block.kind == "row"):
        if is_row:
            yield from _markdown_table(list(together), slug)
            continue
        for block in together:
            sign = "- " if block.number is None else f"{block.number}. "
            before = {"item": f"{'    ' * (block.level - 1)}{sign}", "heading": f"{'#' * block.level} "}.get(block.kind, "")
            yield f"{before}{_markdown_runs(block.runs, slug)}"
            yield ""


def _markdown_table(rows: Sequence[Block], slug: str) -> Iterator[str]:
    for place, row in enumerate(rows):
        if row.header and place:
            yield ""  # another table begins
        yield f"| {' | '.join(_markdown_runs(cell, slug) for cell in row.cells)} |"
        if row.header:
            yield "|---" * len(row.cells) + "|"
    yield ""


def _markdown_runs(runs: Iterable[Run], slug: str) -> str:
    return "".join(_markdown_run(run) + "".join(f"[^{slug}-{source}]" for source in run.sources) for run in runs)


def _markdown_run(run: Run) -> str:
    words = run.text.strip()
    if not words:
        return run.text
    before, after = run.text[: len(run.text) - len(run.text.lstrip())], run.text[len(run.text.rstrip()) :]
    mark = "**" * run.strong + "*" * run.emphasis
    marked = f"{mark}{escaped(words)}{mark[::-1]}"
    if run.url is not None:
        marked = f"<{run.url}>" if run.url == words else f"[{marked}]({run.url})"
    return f"{before}{marked}{after}"


def _source(paper: Paper, source_id: str) -> str:
    return next(source.publisher for source in paper.sources if source.id == source_id)


def _line(values: Iterable[str]) -> str:
    """A line of CSV in Excel's dialect. What Excel would take for a formula gets an apostrophe, so that it stays a text."""
    output = io.StringIO(newline="")
    csv.writer(output).writerow([f"'{value}" if value.startswith(_FORMULA) else value for value in values])
    return output.getvalue()
