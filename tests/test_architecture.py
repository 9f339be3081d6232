"""The house holds: dependencies point one way, every third-party package has an owner, modules stay small."""

import ast
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("fingerprints", "detectors", "app")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "helpers", "manager", "base", "common", "core"}

# Where a third-party package may be imported. A trailing slash owns a folder, a star stands for any one name.
OWNERS = {
    "aiokafka": ["app/streams/kafka/"],
    "aiosqlite": ["app/db/"],
    "alembic": ["app/db/"],
    "anyio": ["app/"],
    "argon2": ["app/people/passwords.py"],
    "asyncpg": ["app/db/dialect.py"],
    "babel": ["app/console/speech.py"],
    "cryptography": ["app/evidence/signing.py"],
    "av": ["fingerprints/contents/video.py"],
    "botocore": ["app/blobs/objects.py"],
    "cv2": ["fingerprints/", "detectors/comparison.py", "app/demo/"],
    "defusedxml": ["fingerprints/contents/office.py"],
    "faiss": [
        "fingerprints/inverted.py",
        "fingerprints/perceptual.py",
        "fingerprints/vocabulary.py",
        "fingerprints/learning.py",
    ],
    "fastapi": [
        "app/main.py",
        "app/errors.py",
        "app/security.py",
        "app/*/routes.py",
        "app/console/*/routes.py",
        "app/console/streaming.py",
    ],
    "fsspec": ["app/blobs/objects.py"],
    "httpx": ["app/demo/", "app/cli*", "app/notify/"],
    "imagehash": ["fingerprints/perceptual.py"],
    "jinja2": ["app/console/"],
    "lxml": ["fingerprints/contents/writing.py"],
    "noto_cjk_sans_otc": ["app/demo/", "app/evidence/typesetting.py"],
    "numpy": ["fingerprints/", "detectors/likeness.py", "detectors/comparison.py", "detectors/markings.py", "app/demo/"],
    "omegaconf": ["fingerprints/networks.py"],
    "onnxruntime": ["fingerprints/networks.py"],
    "opencc": ["fingerprints/text.py"],
    "PIL": ["fingerprints/", "app/demo/"],
    "pi_heif": ["fingerprints/images.py"],
    "prometheus_client": ["app/observability.py"],
    "pydantic": ["app/"],
    "pydantic_settings": ["app/settings.py"],
    "py7zr": ["fingerprints/contents/archives.py"],
    "pypdfium2": ["fingerprints/contents/pdf.py"],
    "pytesseract": ["fingerprints/ocr.py"],
    "python_multipart": ["app/uploads.py"],
    "rapidocr": ["fingerprints/networks.py"],
    "rich": ["app/cli*", "app/demo/"],
    "s3fs": ["app/blobs/objects.py"],
    "sqlalchemy": ["app/db/", "app/*/repository.py", "app/alerts/history/repository.py"],
    "starlette": ["app/main.py", "app/errors.py", "app/security.py", "app/*/routes.py", "app/console/*/routes.py"],
    "striprtf": ["fingerprints/contents/writing.py"],
    "typer": ["app/cli*"],
    "typst": ["app/evidence/typesetting.py"],
    "uvicorn": ["app/cli*", "app/serving.py", "app/demo/"],
    "yaml": ["fingerprints/networks.py"],
    "zxingcpp": ["fingerprints/codes.py", "app/demo/"],
}


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[tuple[str, bool]]:
    """Dotted names a file imports, and whether at module level (imports inside functions break cycles on purpose)."""
    tree = ast.parse(path.read_text())
    top = set(tree.body)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node in top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module, node in top
            yield from ((f"{node.module}.{alias.name}", node in top) for alias in node.names)


def allowed(path: Path, owners: list[str]) -> bool:
    name = path.relative_to(ROOT).as_posix()
    return any(name.startswith(owner) if owner.endswith("/") else path.relative_to(ROOT).match(owner) for owner in owners)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_dependencies_point_one_way(path: Path) -> None:
    layer = PACKAGES.index(path.relative_to(ROOT).parts[0])
    imported = {name.split(".")[0] for name, _ in imports_of(path)}
    assert not imported & ({*PACKAGES[layer + 1 :], "tests"}), f"{path} reaches up"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_third_party_packages_stay_with_their_owners(path: Path) -> None:
    for name, _ in imports_of(path):
        package = name.split(".")[0]
        if package in PACKAGES or package in sys.stdlib_module_names:
            continue
        assert package in OWNERS, f"{path} imports {package}, which nobody owns: add it to OWNERS with a reason"
        assert allowed(path, OWNERS[package]), f"{package} may be imported in {OWNERS[package]}, not in {path}"


def test_no_import_cycles() -> None:
    names = {module_of(path) for path in SOURCES}
    graph = {module_of(p): {n for n, top in imports_of(p) if top and n in names and n != module_of(p)} for p in SOURCES}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"cycle: {' -> '.join([*trail[trail.index(name) :], name])}"
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_only_settings_reads_the_environment() -> None:
    readers = [
        p
        for p in SOURCES
        if {"environ", "getenv"} & {n.attr for n in ast.walk(ast.parse(p.read_text())) if isinstance(n, ast.Attribute)}
    ]
    assert [p.relative_to(ROOT).as_posix() for p in readers] in ([], ["app/settings.py"])


@pytest.mark.parametrize("name", ["service.py", "repository.py"])
def test_services_and_repositories_never_commit(name: str) -> None:
    files = [path for path in SOURCES if path.name == name]
    assert files
    for path in files:
        calls = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
        assert not calls & {"commit", "rollback"}, f"{path} ends a transaction; that is the edge's job"


def test_modules_are_small_and_well_named() -> None:
    for path in SOURCES:
        assert path.read_text().count("\n") <= 400, f"{path} is crowded: rearrange the room"
        assert path.stem not in FORBIDDEN_NAMES, f"{path}: say what it is about"


def test_functions_are_short() -> None:
    lengths = [
        (node.end_lineno or node.lineno) - node.body[0].lineno + 1
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert statistics.median(lengths) <= 10


def test_mocks_are_rare() -> None:
    trees = [ast.parse(path.read_text()) for path in TESTS]
    tests = sum(
        isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.name.startswith("test_") for t in trees for n in ast.walk(t)
    )
    imported = {name for path in TESTS for name, _ in imports_of(path)}
    assert not {name for name in imported if name.startswith("unittest.mock")}
    patches = sum(isinstance(n, ast.arg) and n.arg == "monkeypatch" for t in trees for n in ast.walk(t))
    assert patches * 10 <= tests


def test_public_modules_say_what_they_are() -> None:
    bare = [str(p.relative_to(ROOT)) for p in SOURCES if p.stat().st_size and ast.get_docstring(ast.parse(p.read_text())) is None]
    assert not bare
