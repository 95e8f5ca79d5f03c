"""For every test: hypothesis has no deadline (machines are busy), and CI tries the same cases."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("seamwatch", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("seamwatch")
