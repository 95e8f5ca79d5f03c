"""One database with a past for all benchmarks; each works on a copy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.bench.past import fill
from tests.bench.stage import DESTINATION, STALLED


@pytest.fixture(scope="session")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Filled up to just before the estate's time."""
    database = tmp_path_factory.mktemp("past") / "past.db"
    fill(database, DESTINATION, datetime.now(UTC) + STALLED - timedelta(seconds=30))
    return database
