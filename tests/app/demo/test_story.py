"""The staged chat hangs together: what it expects is registered, what it forwards came before, all five cases are there."""

import io
from collections import Counter

from PIL import Image

from app.demo.cast import ASSETS, SERIAL
from app.demo.story import SCENES


def test_every_case_and_benign_traffic_are_staged_in_order() -> None:
    cases = Counter(scene.case for scene in SCENES)
    assert all(cases[case] >= 2 for case in (1, 2, 3, 4, 5))
    assert sum(scene.expected.outcome == "clear" for scene in SCENES) >= 6
    minutes = [scene.minute for scene in SCENES]
    assert minutes == sorted(minutes)
    assert len({scene.id for scene in SCENES}) == len(SCENES)


def test_every_expected_title_is_registered() -> None:
    titles = {asset.title for asset in ASSETS}
    for scene in SCENES:
        assert (scene.expected.title in titles) == (scene.expected.outcome == "asset")
    assert titles == {scene.expected.title for scene in SCENES if scene.expected.title}


def test_forwards_name_an_earlier_scene_and_every_message_has_content() -> None:
    seen: set[str] = set()
    for scene in SCENES:
        assert scene.forwarded_from is None or scene.forwarded_from in seen
        assert scene.text or scene.attachments
        seen.add(scene.id)


def test_nobody_posts_a_registered_file_as_it_is() -> None:
    """Every leak is re-photographed, cropped, forwarded or screenshotted: matching bytes would prove nothing."""
    registered = {file.draw() for asset in ASSETS for file in asset.files}
    posted = [file.draw() for scene in SCENES for file in scene.attachments]
    assert len(set(posted)) == len(posted)
    assert not registered & set(posted)
    for data in posted:
        Image.open(io.BytesIO(data)).verify()


def test_the_missing_laptop_is_named_by_its_registered_serial() -> None:
    assert any(SERIAL in asset.tags for asset in ASSETS)
    assert any(SERIAL in scene.text for scene in SCENES if scene.case == 3)
