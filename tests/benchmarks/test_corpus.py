"""Corpora: what a manifest says is what is measured; drawn ones are seeded and have unregistered siblings."""

from pathlib import Path

import pytest

from app.demo import ordinary
from app.demo.camera import jpeg
from tests.benchmarks.corpus import drawn, read
from tests.benchmarks.kept import Kept
from tests.benchmarks.measure import pixels

ROWS = [
    ("A_multiview", "tower", "register", "A/tower/0.jpg"),
    ("A_multiview", "tower", "query", "A/tower/1.jpg"),
    ("D_documents", "letter", "register", "D/letter/0.jpg"),
    ("D_documents", "letter", "query", "D/letter/1.jpg"),
    *(("C_benign", f"photo_{n}", "benign", f"C/photo/{n}.jpg") for n in range(4)),
    ("C_benign", "receipt_1", "benign", "C/receipt/1.jpg"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("corpus")
    lines = ["set,group,role,path,notes"]
    for number, (collection, group, role, path) in enumerate(ROWS):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(jpeg(ordinary.cat(number)[::6, ::6], 80))
        notes = {"A/tower/1.jpg": "tag=x; diff=hard; b", "C/receipt/1.jpg": "company=ACME", "D/letter/0.jpg": "company=ACME (x)"}
        lines.append(f'{collection},{group},{role},{path},"{notes.get(path, "a; b")}"')
    (root / "manifest.csv").write_text("\n".join(lines), encoding="utf-8")
    return root


def test_registered_rows_are_filled_up_with_drawn_pictures_and_every_benign_one_can_be_posted(folder: Path) -> None:
    corpus = read(folder, 12, 0)
    assert {sample.group for sample in corpus.sources} == {"tower", "letter"}
    assert len(corpus.references) == 12
    assert {sample.name for sample in corpus.benign} == {path for _, _, role, path in ROWS if role == "benign"}
    names = [sample.name for sample in (*corpus.references, *corpus.benign)]
    assert len(set(names)) == 12 + 5
    queries = {sample.name: sample.collection for sample in corpus.queries}
    assert queries == {"A/tower/1.jpg": "A_multiview, hard", "D/letter/1.jpg": "D_documents"}


def test_siblings_share_a_template_with_a_registered_page_and_are_not_registered(folder: Path) -> None:
    corpus = read(folder, 12, 0, siblings=6)
    assert [sample.name for sample in corpus.siblings if sample.form == "ACME"] == ["C/receipt/1.jpg"]
    assert len(corpus.siblings) == 6
    forms = {sample.form for sample in corpus.references}
    assert all(sample.form in forms for sample in corpus.siblings)
    groups = {sample.group for sample in corpus.references}
    assert groups.isdisjoint(sample.group for sample in corpus.siblings)
    assert [sample.name for sample in read(folder, 2, 0, siblings=6).siblings] == ["C/receipt/1.jpg"]


def test_fewer_references_than_registered_rows_leave_out_their_queries(folder: Path) -> None:
    corpus = read(folder, 1, 0)
    assert len(corpus.references) == 1
    assert [sample.group for sample in corpus.queries] == [corpus.references[0].group]
    assert len(corpus.benign) == 5


def test_a_benign_picture_that_shows_what_is_registered_is_a_query(folder: Path, tmp_path: Path) -> None:
    rows = (folder / "manifest.csv").read_text(encoding="utf-8").replace('C/photo/2.jpg,"a; b"', 'C/photo/2.jpg,"a; shows=tower"')
    for path in {line.split(",")[3] for line in rows.splitlines()[1:]}:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).symlink_to(folder / path)
    (tmp_path / "manifest.csv").write_text(rows, encoding="utf-8")
    corpus = read(tmp_path, 2, 0)
    assert [sample.group for sample in corpus.queries if sample.name == "C/photo/2.jpg"] == ["tower"]
    assert len(corpus.benign) == 4
    without = next(corpus for seed in range(9) if (corpus := read(tmp_path, 1, seed)).references[0].group == "letter")
    assert "C/photo/2.jpg" in {sample.name for sample in without.benign}


def test_another_seed_registers_others_where_there_are_too_many(folder: Path) -> None:
    assert len({tuple(s.name for s in read(folder, 1, seed).references) for seed in range(6)}) == 2
    assert read(folder, 4, 3) == read(folder, 4, 3)


def test_drawn_pictures_are_kept(tmp_path: Path) -> None:
    sample = drawn(3, 0, 0, Kept(tmp_path)).references[2]
    data = sample.load()
    [path] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert path.read_bytes() == data
    path.write_bytes(b"kept")
    assert sample.load() == b"kept"


def test_documents_are_told_from_photographs_and_bytes_are_the_files(folder: Path) -> None:
    corpus = read(folder, 2, 0)
    kinds = {sample.name: sample.kind for sample in (*corpus.references, *corpus.benign)}
    assert kinds["D/letter/0.jpg"] == kinds["C/receipt/1.jpg"] == "document"
    assert kinds["A/tower/0.jpg"] == kinds["C/photo/0.jpg"] == "equipment"
    assert {sample.form for sample in corpus.benign} == {"photo", "ACME"}
    assert corpus.references[0].load() == (folder / corpus.references[0].name).read_bytes()


def test_the_drawn_corpus_has_what_the_folder_has() -> None:
    corpus = drawn(18, 10, 2)
    assert len(corpus.references) == 18
    assert len(corpus.benign) == 10
    groups = {sample.group for sample in corpus.references}
    assert groups.isdisjoint(sample.group for sample in corpus.benign)
    assert {sample.group for sample in corpus.queries} <= groups
    assert {sample.form for sample in corpus.siblings} <= {sample.form for sample in corpus.references}
    assert set(corpus.siblings) <= set(corpus.benign)
    assert {"official", "memo", "mixed", "table", "drawing", "machine"} <= {group.split("-")[0] for group in groups}
    assert groups.isdisjoint(sample.group for sample in drawn(18, 10, 3).references)


def test_drawn_samples_load_the_same_picture_each_time() -> None:
    sample = drawn(8, 2, 0).references[0]
    assert sample.load() == sample.load()
    assert pixels(sample.load()).shape == (1754, 1240, 3)
