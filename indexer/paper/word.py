"""Papers as one Word document: real headings, tables with headers, real footnotes, pictures with words beside them.

python-docx knows no footnotes, so their part is made here (ECMA-376 Part 1, 17.11).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.paper.forms import NOTICE, SHORTLIST
from indexer.paper.records import ROOT, Block, Paper, PaperFigure, PaperSection, PaperSource, Run
from indexer.paper.wording import LICENCE, day

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_FONT, _INK, _LINK = "Arial", "12436D", "0B5CAD"
_FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)


def as_word(papers: Sequence[Paper], root: str, prepared: date | None = None) -> bytes:
    """One paper, or several with a table of all of them before, as a .docx file; the same papers give the same bytes.

    Args:
        papers: At least one.
        root: The site's address with the slash at its end, or "" where it is not known.
        prepared: The day to put on it; None for none.
    """
    writer = _Writer(root)
    title = papers[0].title if len(papers) == 1 else SHORTLIST
    writer.begin(title, max(paper.checked for paper in papers))
    said = f"Prepared on {day(prepared)} from" if prepared else "From"
    writer.plain(f"{said} the High Needs Casebook{f', {root}' if root else ''}. {NOTICE}")
    if len(papers) > 1:
        writer.heading("At a glance", 1)
        names = ("Who", "Result", "Outcome dated", "Cost")
        rows = [[paper.title, *(paper.facts[name] for name in names)] for paper in papers]
        writer.table("The case studies beside each other", ["Case study", *names], rows)
    for paper in papers:
        writer.paper(paper, alone=len(papers) == 1)
    writer.heading("Licence", 1)
    writer.plain(LICENCE)
    return writer.end()


class _Writer:
    """A document as it grows."""

    def __init__(self, root: str) -> None:
        import docx

        self._document: Document = docx.Document()
        self._root = root
        self._notes: Any = None
        self._note_number = self._chart_number = 0

    def begin(self, title: str, changed: date) -> None:
        document, stamp = self._document, datetime.combine(changed, time())
        _set_up(document)
        core = document.core_properties
        core.title, core.author, core.language = title, "High Needs Casebook", "en-GB"
        core.created = core.modified = stamp
        core.last_modified_by, core.comments, core.revision = "", "", 1
        self._notes = _notes_part(document)
        document.add_paragraph(title, "Title")

    def heading(self, text: str, level: int) -> Paragraph:
        heading: Paragraph = self._document.add_heading(text, level)
        return heading

    def plain(self, text: str, style: str = "") -> Paragraph:
        return _styled(self._document.add_paragraph(text.replace(ROOT, self._root)), style)

    def paper(self, paper: Paper, alone: bool) -> None:
        below = 0 if alone else 1
        if not alone:
            self.heading(paper.title, 1).paragraph_format.page_break_before = True
        self.plain(paper.summary)
        for name, fact in paper.facts.items():
            self._labelled(f"{name}: ", fact)
        address = paper.address.replace(ROOT, self._root)
        if self._root:
            _link(self._labelled("Address: ", ""), self._document.part, address, address)
        else:
            self._labelled("Address: ", address)
        sources = {source.id: source for source in paper.sources}
        for section in paper.sections:
            self.heading(section.heading, below + 1)
            self._blocks(section, sources, below)
            if section.heading == "What to check in your own area" and paper.questions:
                self.plain("The guidance's own questions that fit:")
                for question in paper.questions:
                    self.plain(question, "ListBullet")
            if section.heading == "The law":
                for duty in paper.duties:
                    paragraph = self._labelled(f"{duty.label}. ", f"{duty.text} ", "ListBullet")
                    _link(paragraph, self._document.part, duty.url, duty.law)
        if paper.figures:
            self._figures(paper, sources, below + 1)
        self.heading("Sources", below + 1)
        for source in paper.sources:
            paragraph = self.plain(f"{source.publisher}, {source.title}, ", "ListBullet")
            _link(paragraph, self._document.part, source.url, source.url)
            paragraph.add_run(f". {source.note}")
        self.heading("Cite this", below + 1)
        for citation in paper.citations:
            self.plain(citation, "ListBullet")

    def _figures(self, paper: Paper, sources: dict[str, PaperSource], level: int) -> None:
        self.heading("The figures", level)
        for figure in paper.figures:
            if figure.values:
                self._chart(figure)
                self.plain(f"{figure.label}. {figure.description}", "Caption")
        header = ["What was measured", "Before", "After or only value", "When", "Kind"]
        rows = [[figure.label, figure.before, figure.after, figure.when, figure.kind] for figure in paper.figures]
        table = self.table(f"The figures of: {paper.title}", header, rows)
        for row, figure in zip(table.rows[1:], paper.figures, strict=True):
            self._note(row.cells[0].paragraphs[0], [sources[figure.source]])

    def table(self, words: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Any:
        from docx.shared import Cm

        table: Any = self._document.add_table(1, len(header), "Table Grid")
        for cell, name in zip(table.rows[0].cells, header, strict=True):
            cell.paragraphs[0].add_run(name).bold = True
        for values in rows:
            for cell, value in zip(table.add_row().cells, values, strict=True):
                cell.paragraphs[0].text = value
        widths = [Cm(5.6), *[Cm(10.8 / (len(header) - 1))] * (len(header) - 1)]
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        for row in table.rows:
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = width
        self._end_table(table, words)
        return table

    def _end_table(self, table: Any, words: str) -> None:
        """No row is broken over two pages, the first is repeated on each, and the table has a name for who cannot see it."""
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        for row in table.rows:
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell in row.cells:
                _styled(cell.paragraphs[0], "TableText")
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        caption = OxmlElement("w:tblCaption")
        caption.set(qn("w:val"), words)
        table._tbl.tblPr.append(caption)
        _styled(self._document.add_paragraph(), "TableText")

    def _chart(self, figure: PaperFigure) -> None:
        """A chart of Word's own, so that it can be given the council's colours, with its values in words beside it."""
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part
        from docx.oxml import parse_xml

        self._chart_number += 1
        name, part = f"/word/charts/chart{self._chart_number}.xml", self._document.part
        chart = Part(PackURI(name), _CHART, _template("chart.xml").render(figure=figure).encode(), part.package)
        words = f"Bar chart. {figure.label}. {figure.description}"
        inline = _template("inline.xml").render(
            relation=part.relate_to(chart, f"{_RELATION}/chart"), number=self._chart_number, words=words
        )
        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True  # its caption
        paragraph.add_run()._r.append(parse_xml(inline))

    def _labelled(self, label: str, text: str, style: str = "Fact") -> Paragraph:
        paragraph = _styled(self._document.add_paragraph(), style)
        paragraph.add_run(label).bold = True
        paragraph.add_run(text)
        return paragraph

    def _blocks(self, section: PaperSection, sources: dict[str, PaperSource], below: int) -> None:
        """A section's blocks; rows that follow each other are one table, and numbers begin anew with each list."""
        for kind, together in groupby(section.blocks, lambda block: block.kind):
            if kind == "row":
                self._rows(list(together), sources, section.heading)
                continue
            lists: dict[int, tuple[int, int]] = {}  # by level: the last number, and the id of Word's list
            for block in together:
                if kind == "heading":
                    self._say(self.heading("", min(block.level - 1 + below, 9)), block.runs, sources)
                    continue
                paragraph = self._document.add_paragraph()
                if kind == "item":
                    _styled(paragraph, _list_style(block))
                    lists = {level: known for level, known in lists.items() if level <= block.level}
                    if block.number is not None:
                        last, word_list = lists.get(block.level, (block.number, 0))
                        if block.number != last + 1:
                            word_list = self._new_list(paragraph, block.number)
                        lists[block.level] = block.number, word_list
                        element: Any = paragraph._p
                        element.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = word_list
                self._say(paragraph, block.runs, sources)

    def _new_list(self, paragraph: Paragraph, first: int) -> int:
        """The id of a new list in Word, in the form of the paragraph's style, that begins with a number."""
        style: Any = paragraph.style
        numbering: Any = self._document.part.numbering_part.element
        form = numbering.num_having_numId(style.element.pPr.numPr.numId.val).abstractNumId.val
        new = numbering.add_num(form)
        new.add_lvlOverride(ilvl=0).add_startOverride(first)
        return int(new.numId)

    def _rows(self, rows: Sequence[Block], sources: dict[str, PaperSource], heading: str) -> None:
        table: Any = self._document.add_table(0, max(len(row.cells) for row in rows), "Table Grid")
        for row in rows:
            for cell, runs in zip(table.add_row().cells, row.cells, strict=False):
                bold = tuple(run.model_copy(update={"strong": True}) for run in runs) if row.header else runs
                self._say(cell.paragraphs[0], bold, sources)
        self._end_table(table, f"A table under: {heading}")

    def _say(self, paragraph: Paragraph, runs: Iterable[Run], sources: dict[str, PaperSource]) -> None:
        for run in runs:
            url = (run.url or "").replace(ROOT, self._root)
            if "://" in url or url.startswith("mailto:"):
                _link(paragraph, self._document.part, url, run.text)
            else:
                said = paragraph.add_run(run.text)
                if run.strong:
                    said.bold = True
                if run.emphasis:
                    said.italic = True
            if run.sources:
                self._note(paragraph, [sources[source_id] for source_id in run.sources])

    def _note(self, paragraph: Paragraph, sources: Sequence[PaperSource]) -> None:
        """A footnote after what the paragraph holds by now; it names its sources, so that a copied paragraph keeps them."""
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        self._note_number += 1
        mark = _raised(paragraph)
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), str(self._note_number))
        mark.append(reference)
        note = OxmlElement("w:footnote")
        note.set(qn("w:id"), str(self._note_number))
        self._notes.element.append(note)
        text = self._note_paragraph(note)
        _raised(text).append(OxmlElement("w:footnoteRef"))
        for place, source in enumerate(sources):
            text.add_run(f"{'; ' if place else ' '}{source.publisher}, ")
            _link(text, self._notes, source.url, source.title)

    def _note_paragraph(self, note: Any) -> Paragraph:
        from docx.oxml import OxmlElement
        from docx.text.paragraph import Paragraph

        element: Any = OxmlElement("w:p")
        note.append(element)
        return _styled(Paragraph(element, self._document._body), "FootnoteText")

    def end(self) -> bytes:
        written = io.BytesIO()
        self._document.save(written)
        return _without_times(written)


def _styled(paragraph: Paragraph, style: str) -> Paragraph:
    """The paragraph with a style by its id, which is much faster than by its name."""
    if style:
        element: Any = paragraph._p
        element.get_or_add_pPr().style = style
    return paragraph


def _list_style(block: Block) -> str:
    """The id of the style of an item; Word's template has three levels."""
    return f"List{'Bullet' if block.number is None else 'Number'}{min(block.level, 3) if block.level > 1 else ''}"


def _raised(paragraph: Paragraph) -> Any:
    """A new run for the mark of a footnote."""
    run: Any = paragraph.add_run()._r
    run.style = "FootnoteReference"
    return run


@cache
def _template(name: str) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).with_name("templates")
    return Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined).get_template(name)


def _without_times(file: io.BytesIO) -> bytes:
    """The same archive with one time for all of its files, so that equal documents are equal bytes."""
    output = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return output.getvalue()


def _set_up(document: Document) -> None:
    """A4, one readable font, British English, a page number below."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2.3)
    styles: Any = document.styles
    for name, size in (("Footnote Text", 9), ("Table Text", 9.5), ("Fact", 11)):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.font.size = styles["Normal"], Pt(size)
        style.paragraph_format.space_after = Pt(2)
    styles.add_style("Footnote Reference", WD_STYLE_TYPE.CHARACTER).font.superscript = True
    sizes = {"Normal": 11, "Title": 22, "Heading 1": 17, "Heading 2": 14, "Heading 3": 12, "Caption": 9.5}
    for name, size in sizes.items():
        style = styles[name]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in list(fonts.attrib):
            del fonts.attrib[attribute]
        style.font.name, style.font.size = _FONT, Pt(size)
        fonts.set(qn("w:cs"), _FONT)
        fonts.set(qn("w:eastAsia"), _FONT)
        if name != "Normal":
            style.font.color.rgb, style.font.bold = RGBColor.from_string(_INK), name != "Caption"
    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")
    below = section.footer.paragraphs[0]
    below.add_run("High Needs Casebook, page ")
    number = OxmlElement("w:fldSimple")
    number.set(qn("w:instr"), "PAGE")
    below._p.append(number)


def _notes_part(document: Document) -> Any:
    """The part that holds the footnotes, with the two lines that Word asks for (17.11.23)."""
    from docx.opc.packuri import PackURI
    from docx.opc.part import XmlPart
    from docx.oxml import OxmlElement, parse_xml
    from docx.oxml.ns import nsdecls, qn

    lines = "".join(
        f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{element}/></w:r></w:p></w:footnote>'
        for number, kind, element in ((-1, "separator", "separator"), (0, "continuationSeparator", "continuationSeparator"))
    )
    element = parse_xml(f"<w:footnotes {nsdecls('w', 'r')}>{lines}</w:footnotes>")
    part = XmlPart(PackURI("/word/footnotes.xml"), _FOOTNOTES, element, document.part.package)
    document.part.relate_to(part, f"{_RELATION}/footnotes")
    settings: Any = document.settings.element
    listed = OxmlElement("w:footnotePr")
    for number in (-1, 0):
        line = OxmlElement("w:footnote")
        line.set(qn("w:id"), str(number))
        listed.append(line)
    settings.find(qn("w:compat")).addprevious(listed)
    return part


def _link(paragraph: Paragraph, part: Any, url: str, text: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), part.relate_to(url, f"{_RELATION}/hyperlink", is_external=True))
    run = paragraph.add_run(text)
    run.font.color.rgb, run.font.underline = RGBColor.from_string(_LINK), True
    link.append(run._r)
    paragraph._p.append(link)
