"""An answer for people at a terminal, and the only door to rich on this side."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from indexer.paper.wording import told
from indexer.retrieval.records import Weight
from search_api.answer import Answer, Hit


def print_answer(answer: Answer) -> None:
    """Prints an answer, with its reasons, questions and law."""
    console = Console(highlight=False)
    if not answer.answered:
        console.print("Nothing here covers that. Put it in other words, or browse the focus areas.")
        if answer.not_covered:
            console.print(f"This looks like {answer.not_covered}, which the Casebook does not cover.", markup=False)
        if answer.suggestion:
            console.print(f"The nearest focus area, which is no answer: {answer.suggestion.label}.", markup=False)
        return
    for number, hit in enumerate(answer.hits, 1):
        console.print(Text.assemble((f"{number}. {hit.title}", "bold"), f"  ({hit.organisation})"))
        console.print(_marked(hit), soft_wrap=False)
        if hit.evidence:
            console.print(f"   {_weighed(hit.evidence)}", markup=False)
        words = ", ".join(hit.why.terms) or "none"
        console.print(f"   {hit.url}", style="cyan", soft_wrap=True)
        console.print(f"   why: {hit.why.share}; shared words: {words}\n", style="dim")
    for area in answer.focus_areas[:1]:
        console.print(Text(f"Focus area: {area.label}. Questions to ask in your own area:", "bold"))
        for question in area.questions:
            console.print(f" - {question}", markup=False)
        console.print(Text("The law that limits ideas here:", "bold"))
        for duty in area.duties:
            console.print(f" - {duty.label}: {duty.text}", markup=False)


def _weighed(evidence: Weight) -> str:
    """What came of a case study, in a line of words; what was not stated is left out."""
    dated = f"; {evidence.outcome_date}" if evidence.outcome_date != "not stated" else ""
    cost = f"; cost: {evidence.cost}" if evidence.cost != "not stated" else ""
    return f"result: {told(evidence.result, evidence.said_by)}{dated}{cost}"


def _marked(hit: Hit) -> Text:
    text = Text(hit.passage.text)
    text.stylize("underline", *hit.passage.nearest)
    for start, end in hit.passage.highlights:
        text.stylize("bold yellow", start, end)
    text.truncate(400, overflow="ellipsis")
    return text
