"""The one error family: each error says what is wrong and how to mend it, in words a person can act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class CasebookError(Exception):
    """Anything the Casebook refuses. Its text is the whole message: shown as it is, without a traceback."""


@dataclass(frozen=True, order=True)
class Fault:
    """One fault of one file.

    Attributes:
        file: The file's path, from the project's root.
        field: The front matter field, or the place in the body ("body, line 12").
        value: What stands there, shortened.
        allowed: What would be right, or how to mend it.
    """

    file: str
    field: str
    value: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.file}: {self.field}: {self.value}: {self.allowed}"


class CorpusError(CasebookError):
    """The content has faults; `faults` holds every one of every file, in file order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        noun = "fault" if len(self.faults) == 1 else "faults"
        super().__init__(f"The content has {len(self.faults)} {noun}; nothing was built.\n{lines}")


class ModelError(CasebookError):
    """The embedding model is missing, is not the one expected, or does not agree with its export."""


class ArtefactError(CasebookError):
    """The artefact is missing, damaged or of another make; the message names the command that mends it."""


class BuildError(CasebookError):
    """A build's version is missing, damaged or of another format, or cannot be made just now; the message says the cure."""


class OverdueError(CasebookError):
    """Case studies are overdue for review; the message names each."""


class DraftError(CasebookError):
    """A draft cannot be made under this title."""


class SiteError(CasebookError):
    """The site cannot be built, or there is none to serve; the message says why."""


class CollectionError(CasebookError):
    """A collection to evaluate on cannot be read; the message names the file and the line."""


class UsageError(CasebookError):
    """What was asked for on a command line cannot be done; the message says what can."""


def message_of(fault: Mapping[str, object]) -> str:
    """What one of pydantic's faults says, without the words that pydantic puts before our own."""
    return str(fault["msg"]).removeprefix("Value error, ")
