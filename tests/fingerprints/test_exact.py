"""The index of whole files forgets nothing, and keeps several references of one file apart."""

from fingerprints.exact import ExactIndex

DIGESTS = [f"{number:064x}" for number in range(30)]


def test_one_file_may_stand_for_several_references() -> None:
    index = ExactIndex()
    for number in range(60):
        index.add(f"k{number}", DIGESTS[number % 2])
    assert index.search(DIGESTS[0], 100) == sorted(f"k{number}" for number in range(0, 60, 2))
    assert index.search(DIGESTS[0], 3) == ["k0", "k10", "k12"]
    assert index.search(f"{DIGESTS[0]}/page 1") == []


def test_adding_and_removing_leave_the_others_where_they_were() -> None:
    index = ExactIndex()
    for number, digest in enumerate(DIGESTS):
        index.add(f"k{number}", digest)
    for number in range(0, 30, 3):
        index.remove(f"k{number}")
    index.remove("k0")
    index.add("k1", DIGESTS[0])
    found = {digest: index.search(digest) for digest in DIGESTS}
    assert found == {
        digest: ["k1"] if number == 0 else [] if number % 3 == 0 or number == 1 else [f"k{number}"]
        for number, digest in enumerate(DIGESTS)
    }
    assert len(index) == 20
    assert "k1" in index
    assert "k0" not in index
