"""A saved snapshot answers as the one it was made of, whatever happened before and happens to both after; or it is refused."""

import gc
import hashlib
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fingerprints.saved import FORMAT, Loader, Saver, reading
from fingerprints.snapshot import Snapshot
from fingerprints.types import Change, Fingerprints, Key
from tests.fingerprints.small import small, terms, text

SEEDS = 25
KEYS = 60


def answers(snapshot: Snapshot, seed: int) -> list[Any]:
    """What every index says of one fingerprint, to the last bit."""
    asked: Fingerprints = small(seed)
    found: list[Any] = [snapshot.exact.search(asked.digest), snapshot.terms.search(f"{text(seed)} AX-{seed:05}", noisy=False)]
    found.append([(key, plain(snapshot.lines.get(key))) for key in snapshot.exact.search(asked.digest)])
    if asked.perceptual is not None:
        found.append(snapshot.perceptual.search(asked.perceptual, 100))
    if asked.keypoints is not None:
        found += [[plain(hit) for hit in snapshot.keypoints.search(asked.keypoints)], snapshot.keypoints.votes(asked.keypoints)]
        found.append([plain(snapshot.keypoints.get(key)) for key in snapshot.exact.search(asked.digest)])
    if asked.shingles is not None:
        found += [snapshot.text.search(asked.shingles), snapshot.text.held(asked.shingles)]
        found.append(snapshot.text.frequency(asked.shingles.hashes, ["k1"]).tolist())
    return found


def plain(value: Any) -> Any:
    """Arrays as lists, so that they can be compared."""
    told = {} if value is None else asdict(value)
    return {name: one.tolist() if isinstance(one, np.ndarray) else one for name, one in told.items()}


def same(one: Snapshot, *others: Snapshot, seeds: Sequence[int] = range(SEEDS)) -> None:
    told = [answers(one, seed) for seed in seeds]
    for other in others:
        assert one.checkpoint == other.checkpoint
        for seed, answer in zip(seeds, told, strict=True):
            assert answer == answers(other, seed)


@dataclass
class History:
    """Random registrations and removals, seeded; and what is left of them, in the order in which it came."""

    rng: random.Random
    checkpoint: int = 0
    left: dict[Key, int] = field(default_factory=dict)

    def changes(self, count: int) -> Iterator[Change]:
        for _ in range(count):
            key, seed = f"k{self.rng.randrange(KEYS)}", self.rng.randrange(SEEDS)
            self.checkpoint += 1
            self.left.pop(key, None)
            if self.rng.random() < 0.35:
                yield Change(self.checkpoint, remove=(key,))
            else:
                self.left[key] = seed
                yield self._put(key)

    def rebuilt(self) -> Snapshot:
        snapshot = Snapshot()
        for key in self.left:
            snapshot.apply(self._put(key))
        return snapshot

    def _put(self, key: Key) -> Change:
        seed = self.left[key]
        return Change(self.checkpoint, put={key: small(seed)}, put_terms={key: terms(seed)})


def saved(snapshot: Snapshot, folder: Path) -> Snapshot:
    snapshot.save(folder)
    return Snapshot.load(folder)


def test_a_thousand_changes_equal_a_rebuild_and_what_was_saved_on_the_way(tmp_path: Path) -> None:
    """More keys hold the same picture than the index hears of, so equals are told apart alike as well."""
    history, live, loaded = History(random.Random(5)), Snapshot(), Snapshot()
    for stretch in range(10):
        for change in history.changes(100):
            live.apply(change)
            loaded.apply(change)
            if change.checkpoint % 20 == 0:
                answers(live, change.checkpoint % SEEDS)
        loaded, asked = saved(loaded, tmp_path / str(stretch)), history.rng.sample(range(SEEDS), 3)
        same(live, history.rebuilt(), loaded, seeds=asked)
    assert len(live.exact) > KEYS // 3


@pytest.fixture(scope="module")
def filled() -> Snapshot:
    history, snapshot = History(random.Random(6)), Snapshot()
    for change in history.changes(60):
        snapshot.apply(change)
    return snapshot


def test_an_empty_one_is_saved_and_grows_afterwards(tmp_path: Path) -> None:
    history, live = History(random.Random(7)), Snapshot()
    loaded = saved(live, tmp_path / "empty")
    same(live, loaded)
    for change in history.changes(30):
        live.apply(change)
        loaded.apply(change)
    same(live, loaded)


def test_saving_changes_nothing(filled: Snapshot, tmp_path: Path) -> None:
    before = [answers(filled, seed) for seed in range(SEEDS)]
    filled.save(tmp_path / "one")
    filled.save(tmp_path / "two")
    assert before == [answers(filled, seed) for seed in range(SEEDS)]
    files = [sorted(path.relative_to(tmp_path / name) for path in (tmp_path / name).rglob("*")) for name in ("one", "two")]
    assert files[0] == files[1]
    assert (tmp_path / "one/manifest.json").read_bytes() == (tmp_path / "two/manifest.json").read_bytes()


def test_nobody_else_may_look_in(filled: Snapshot, tmp_path: Path) -> None:
    filled.save(tmp_path / "in" / "it")
    assert [(tmp_path / name).stat().st_mode & 0o77 for name in ("in", "in/it")] == [0, 0]


def test_one_that_is_there_is_not_overwritten_and_a_failed_one_leaves_nothing(filled: Snapshot, tmp_path: Path) -> None:
    filled.save(tmp_path / "it")
    with pytest.raises(OSError, match="it"):
        Snapshot().save(tmp_path / "it")
    assert [path.name for path in tmp_path.iterdir()] == ["it"]
    same(filled, Snapshot.load(tmp_path / "it"))


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("unlinked", [False, True], ids=["there", "unlinked"])
def test_two_that_lie_in_the_same_files_change_apart_and_leave_them_as_they_are(tmp_path: Path, unlinked: bool) -> None:
    """Saved things go, stay beside new ones in one cell, and come back, in one of the two; what it becomes is saved as well."""
    history, live = History(random.Random(8)), Snapshot()
    for change in history.changes(80):
        live.apply(change)
    live.save(tmp_path / "it")
    files, as_saved = contents(tmp_path / "it"), [answers(live, seed) for seed in range(SEEDS)]
    changed, other = Snapshot.load(tmp_path / "it"), Snapshot.load(tmp_path / "it")
    if unlinked:
        shutil.rmtree(tmp_path / "it")
    for change in history.changes(120):
        live.apply(change)
        changed.apply(change)
    same(live, changed, history.rebuilt(), saved(changed, tmp_path / "new"))
    assert as_saved == [answers(other, seed) for seed in range(SEEDS)]
    assert contents(tmp_path / "it") == ({} if unlinked else files)


def test_everything_saved_goes_and_comes_back(filled: Snapshot, tmp_path: Path) -> None:
    loaded = saved(filled, tmp_path / "it")
    loaded.apply(Change(loaded.checkpoint, remove=tuple(f"k{number}" for number in range(KEYS))))
    assert [len(getattr(loaded, name)) for name in ("exact", "perceptual", "keypoints", "text", "lines")] == [0] * 5
    same(saved(loaded, tmp_path / "none"), loaded)
    live, back = Snapshot(), Change(filled.checkpoint, put={f"k{seed}": small(seed) for seed in range(SEEDS)})
    live.apply(back)
    loaded.apply(back)
    same(live, loaded, saved(loaded, tmp_path / "again"))


def test_one_lies_in_its_files_and_one_in_memory_of_its_own_needs_none(filled: Snapshot, tmp_path: Path) -> None:
    """As Linux tells what this process has mapped."""
    loaded, maps = saved(filled, tmp_path / "it"), Path("/proc/self/maps")
    assert all(str(tmp_path / "it/keypoints" / name) in maps.read_text() for name in ("rows.npy", "lists.faiss"))
    del loaded
    gc.collect()
    with reading(tmp_path / "it", {}, mapped=False) as source:
        own = Snapshot.read(source)
    assert str(tmp_path) not in maps.read_text()
    for path in contents(tmp_path / "it"):
        path.write_bytes(b"")
    same(filled, own)


def test_what_is_loaded_cannot_be_written_to(tmp_path: Path) -> None:
    Saver(tmp_path).array("numbers", np.arange(8))
    array = Loader(tmp_path).array("numbers", np.arange(0))
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


LOOKED_AT = """
import sys
from pathlib import Path
import numpy as np
from fingerprints.saved import Loader

def private():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Anonymous:"))

before = private()
array = Loader(Path(sys.argv[1]), mapped=sys.argv[2] == "mapped").array("numbers", np.arange(0))
assert array.sum() == 8_000_000 * 7_999_999 // 2
print(private() - before)
"""


def test_what_is_mapped_takes_no_memory_of_the_process(tmp_path: Path) -> None:
    """Linux counts what lies in no file, of an array all looked at, in a process that does nothing else."""
    values = np.arange(8_000_000, dtype=np.int64)
    Saver(tmp_path).array("numbers", values)

    def taken(how: str) -> int:
        return int(subprocess.run([sys.executable, "-c", LOOKED_AT, tmp_path, how], check=True, capture_output=True).stdout)

    assert taken("mapped") < values.nbytes // 4
    assert taken("copied") > values.nbytes * 3 // 4


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("damage", [flip, cut, Path.unlink], ids=["one bit", "cut short", "gone"])
def test_a_damaged_file_is_refused(filled: Snapshot, tmp_path: Path, damage: Callable[[Path], object]) -> None:
    filled.save(tmp_path / "it")
    whole = contents(tmp_path / "it")
    assert len(whole) > 20
    for path, data in whole.items():
        damage(path)
        with pytest.raises(ValueError, match="no usable snapshot"):
            Snapshot.load(tmp_path / "it")
        path.write_bytes(data)
    same(filled, Snapshot.load(tmp_path / "it"))


@pytest.mark.parametrize("found", [{"tables": "0" * 64}, {"format": FORMAT + 1}], ids=["other tables", "another format"])
def test_what_was_made_otherwise_is_refused_though_it_is_whole(filled: Snapshot, tmp_path: Path, found: dict[str, Any]) -> None:
    filled.save(tmp_path / "it")
    rewritten(tmp_path / "it", found)
    with pytest.raises(ValueError, match="made otherwise"):
        Snapshot.load(tmp_path / "it")


def rewritten(folder: Path, changed: dict[str, Any]) -> None:
    """With another manifest, whole in itself."""
    path = folder / "manifest.json"
    manifest = {**json.loads(path.read_text())["manifest"], **changed}
    digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
    path.write_text(json.dumps({"manifest": manifest, "sha256": digest}))


def test_other_folders_are_no_snapshots(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "manifest.json").write_text('["manifest"]')
    for name in ("nowhere", "empty", "odd"):
        with pytest.raises(ValueError, match="no usable snapshot"):
            Snapshot.load(tmp_path / name)
