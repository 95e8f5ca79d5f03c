"""The demo's folder: gone with its demo, and never anybody else's."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from bot.sandbox.folder import MARK, PREFIX, demo_folder, remove_abandoned


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left_behind(place: Path, name: str, mark: str | None) -> Path:
    folder = place / name
    folder.mkdir()
    (folder / "bot_token").write_text("xoxb-made-up")
    if mark is not None:
        (folder / MARK).write_text(mark)
    return folder


def test_it_goes_with_the_demo_unless_it_is_kept(place: Path) -> None:
    with demo_folder(keep=False) as folder:
        assert folder.parent == place
    assert not folder.exists()
    with demo_folder(keep=True) as kept:
        pass
    with demo_folder(keep=False):
        assert kept.is_dir()


def test_it_goes_when_the_demo_fails(place: Path) -> None:
    with pytest.raises(RuntimeError), demo_folder(keep=False):
        raise RuntimeError
    assert list(place.iterdir()) == []


def test_a_demo_beside_it_is_left_alone() -> None:
    with demo_folder(keep=False) as first, demo_folder(keep=False) as second:
        assert first.is_dir()
        assert second.is_dir()


@pytest.mark.parametrize(
    ("name", "mark", "stays"),
    [
        pytest.param(f"{PREFIX}x", "4711", False, id="a killed demo's"),
        pytest.param(f"{PREFIX}x", None, True, id="without a mark"),
        pytest.param(f"{PREFIX}x", "", True, id="about to be marked"),
        pytest.param("somebody-elses", "4711", True, id="of another name"),
    ],
)
def test_only_what_a_killed_demo_left_is_removed(
    place: Path, name: str, mark: str | None, stays: bool
) -> None:
    folder = left_behind(place, name, mark)
    remove_abandoned()
    assert folder.exists() is stays


def test_a_link_is_not_followed(place: Path) -> None:
    precious = left_behind(place, "precious", "4711")
    (place / f"{PREFIX}link").symlink_to(precious)
    remove_abandoned()
    assert (precious / "bot_token").exists()


def test_another_users_folder_stays(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = left_behind(place, f"{PREFIX}x", "4711")
    monkeypatch.setattr("os.getuid", lambda: folder.stat().st_uid + 1)
    remove_abandoned()
    assert folder.exists()
