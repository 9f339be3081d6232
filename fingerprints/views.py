"""The details of a picture as they would be had it been changed, without extracting them anew: mirrored, or as its negative."""

from dataclasses import replace

import numpy as np

from fingerprints.types import Keypoints


def mirrored(query: Keypoints) -> Keypoints:
    """What would have been extracted from the mirror image.

    Mirroring permutes the descriptor (4 rows, 4 columns, 8 directions): rows reversed, columns as they lie, directions negated.
    """
    cells = query.descriptors.reshape(-1, 4, 4, 8)[:, ::-1][..., (-np.arange(8)) % 8]
    xy = query.xy * np.array([-1, 1], np.float32) + np.array([1, 0], np.float32)
    angle = np.asarray((np.pi - query.angle) % (2 * np.pi), np.float32)
    return replace(query, xy=xy, angle=angle, descriptors=np.ascontiguousarray(cells.reshape(-1, 128)))


def negative(query: Keypoints) -> Keypoints:
    """What would have been extracted had light and dark been exchanged.

    Every gradient then points the other way: keypoints lie where they lay and are turned by half a turn, and so are the rows and
    columns of their descriptors; directions, which count from the keypoint's own, stay.
    """
    cells = query.descriptors.reshape(-1, 4, 4, 8)[:, ::-1, ::-1]
    angle = np.asarray((query.angle + np.pi) % (2 * np.pi), np.float32)
    return replace(query, angle=angle, descriptors=np.ascontiguousarray(cells.reshape(-1, 128)))
