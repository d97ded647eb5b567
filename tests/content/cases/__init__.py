"""Case studies that editors might write (council, source and figures are made up), and what must become of their bodies."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
REFUSED = {
    "c04-control-character": ("line 41", "the control character U+0008"),
    "c06-local-image": ("body, line 5", "chart.png"),
    "c10-entities-and-html": ("body, line 5", "<br>"),
    "c12-unclosed-div": ("body, line 5", '<div class="warning">'),
    "c13-list-without-blank-line": ("body, line 6", "- shared staff"),
    "c14-word-bullets": ("body, line 6", "•   shared staff"),
    "c15-line-begins-with-hash": ("body, line 5", "#BetterTogether was the name of the pledge."),
    "c22-underlined-line": ("body", "the headings are"),
    "c23-vertical-tab": ("line 41", "the control character U+000B"),
}
"""Bodies that a check refuses: the field that it names, and the beginning of the value."""
READABLE = {
    "c07-table": (("The problem", "Year Children 2023 120 2024 45"),),
    "c08-subheadings": (("The problem", "In the north Few therapists worked there. In the south More did."),),
    "c09-comment-of-two-paragraphs": (("The problem", "Text after."),),
    "c11-links-and-escapes": (
        ("The problem", "See the plan, https://example.org/auto and the paper. The A*B panel met [sic]."),
    ),
    "c24-numbered-and-nested-list": (("The problem", "The council listed: schools nurseries parents"),),
}
"""Bodies that are read, and what a section of theirs ends with, in plain words."""
READABLE_CASES = [FOLDER / f"{name}.md" for name in READABLE]
