"""A played cascade is the same every time, hangs together, and can be posted."""

import hashlib
import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from app.demo.camera import jpeg
from app.demo.cascades import GATEWAYS, Habits, Post, play
from app.demo.equipment import photograph

PHOTO = jpeg(photograph(3, 10.0, 15, 5.0), 85)


@pytest.fixture(scope="module")
def posts() -> list[Post]:
    return play([PHOTO], 24, 5, Habits(stated=1.0))


def test_the_same_seed_plays_the_same(posts: list[Post]) -> None:
    again = play([PHOTO], 24, 5, Habits(stated=1.0))
    assert [(p.id, p.at, p.room.id, p.parent, p.way, hashlib.sha256(p.data).digest()) for p in again] == [
        (p.id, p.at, p.room.id, p.parent, p.way, hashlib.sha256(p.data).digest()) for p in posts
    ]


def test_every_post_was_seen_before_by_whoever_posts_it(posts: list[Post]) -> None:
    by_id = {post.id: post for post in posts}
    assert len(posts) == 24
    assert [post.at for post in posts] == sorted(post.at for post in posts)
    assert posts[0].parent is None
    for post in posts[1:]:
        assert post.parent is not None
        parent = by_id[post.parent]
        assert parent.at < post.at
        assert post.person in post.room.people
        assert post.person in parent.room.people
        assert post.room.id != parent.room.id


def test_only_what_is_passed_on_unchanged_has_its_parents_bytes_and_a_stated_origin(posts: list[Post]) -> None:
    by_id = {post.id: post for post in posts}
    for post in posts[1:]:
        parent = by_id[str(post.parent)]
        assert (post.way == "same") == (post.data == parent.data)
        assert post.stated == (post.way == "same")
        assert post.way != "same" or post.room.gateway == parent.room.gateway
        assert Image.open(io.BytesIO(post.data)).format == "JPEG"


def test_a_post_is_a_message_as_the_interface_takes_it(posts: list[Post]) -> None:
    by_id = {post.id: post for post in posts}
    post = next(post for post in posts if post.stated)
    parent = by_id[str(post.parent)]
    moment = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=post.at)
    message = post.message(moment.isoformat(), parent)
    assert message["gateway"] in GATEWAYS
    assert message["forwarded_from"] == {"channel_id": parent.room.id, "message_id": parent.id}
    assert message["sender"] == {"id": post.sender_id, "name": post.sender_name}
    assert "forwarded_from" not in posts[0].message(moment.isoformat(), None)
