"""How big the page's model is and how near to the server's it stays, by the word pieces kept and the bits they have.

    python -m benchmarks.browser_model     after `python -m indexer build`; takes some minutes

Cosines are with the server's int8 embeddings: over 100 judged problems, and over 50 searches about anything else. Shared
results: of the ten nearest passages for a problem, the share that the server's embedding finds too.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indexer.artefact.store import load_artefact
from indexer.artefact.versions import open_version
from indexer.model.encoder import count_pieces
from indexer.model.page_model import HEADER_FILE, WEIGHTS_FILE, Kept, choose_pieces, pack
from indexer.model.sentence_model import SentenceModel
from tests.conftest import ROOT
from tests.everyday_texts import EVERYDAY_TEXTS
from tests.node import ask_page_code, node

# Pieces in four bits, pieces in two, weights of a layer that share a scale.
VARIANTS = [
    (8_000, 0, 32),
    (12_000, 0, 32),
    (16_000, 0, 32),
    (29_600, 0, 32),
    (2_500, 27_028, 64),
    (3_500, 21_000, 64),
    (3_500, 26_028, 64),
    (3_500, 26_028, 32),
    (8_000, 21_528, 64),
]
BROTLI = "const c=require('zlib').brotliCompressSync(require('fs').readFileSync(process.argv[1]));console.log(c.length)"


def main() -> None:
    """Prints one row of a table a variant."""
    built = open_version(ROOT / "build").artefact
    artefact = load_artefact(built)
    problems = [
        json.loads(line)["text"]
        for line in (ROOT / "tests" / "relevance" / "queries.jsonl").read_text(encoding="utf-8").splitlines()[:100]
    ]
    texts = [*problems, *EVERYDAY_TEXTS]
    passages = np.load(built / "embeddings.npy")
    served = artefact.encoder.encode(texts)
    model = SentenceModel().bert()
    counts = count_pieces(built, (passage.embedded_text for passage in artefact.passages))
    print("| Four bits | Two bits | Group | Raw | gzip -9 | brotli 11 | Problems | Everyday | Shared results |")
    print("|---|---|---|---|---|---|---|---|---|")
    for fine, coarse, group in VARIANTS:
        header, weights = pack(model, _chosen(model.pieces, counts, fine, coarse), group)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / WEIGHTS_FILE).write_bytes(weights)
            (folder / HEADER_FILE).write_text(
                json.dumps(header, ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
            )
            sizes = [_sizes(folder / name) for name in (WEIGHTS_FILE, HEADER_FILE)]
            embeddings = np.array(ask_page_code({"embeddings": texts, "folder": name}))
        cosines = (embeddings * served).sum(axis=1)
        shared = _shared(embeddings[:100] @ passages.T, served[:100] @ passages.T)
        raw, zipped, brotli = (f"{sum(size) / 1e6:.2f} MB" for size in zip(*sizes, strict=True))
        measures = " | ".join(f"{part.mean():.3f}, {part.min():.3f}" for part in (cosines[:100], cosines[100:]))
        print(f"| {fine:,} | {coarse:,} | {group} | {raw} | {zipped} | {brotli} | {measures} | {shared:.3f} |", flush=True)


def _chosen(pieces: Sequence[str], counts: Mapping[int, int], fine: int, coarse: int) -> Kept:
    """The pieces of a variant; where none has two bits, the single characters have four."""
    if coarse:
        return choose_pieces(pieces, counts, fine, coarse)
    characters = {id for id, piece in enumerate(pieces) if len(piece.removeprefix("##")) == 1}
    others = choose_pieces(pieces, counts, fine - len(characters), len(pieces)).fine
    return Kept(tuple(sorted(characters.union(others))), ())


def _sizes(path: Path) -> tuple[int, int, int]:
    data = path.read_bytes()
    return len(data), len(gzip.compress(data, 9, mtime=0)), int(node("-e", BROTLI, str(path)).stdout)


def _shared(one: npt.NDArray[np.floating], other: npt.NDArray[np.floating]) -> float:
    pairs = zip(np.argsort(-one, axis=1)[:, :10], np.argsort(-other, axis=1)[:, :10], strict=True)
    return float(np.mean([len(set(a) & set(b)) / 10 for a, b in pairs]))


if __name__ == "__main__":
    main()
