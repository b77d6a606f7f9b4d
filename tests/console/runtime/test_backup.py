"""A backup comes back whole, on both databases."""

import json
import tarfile
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection

from console.runtime import backup as module

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def home(settings, tmp_path: Path) -> Path:
    settings.HUIYIN_HOME = tmp_path / "home"
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"]
    (settings.HUIYIN_HOME / "vault").mkdir(parents=True)
    (settings.HUIYIN_HOME / "vault" / "letter").write_bytes(b"sealed")
    return settings.HUIYIN_HOME


@pytest.fixture
def archive(home: Path, tmp_path: Path) -> Path:
    get_user_model().objects.create(username="wang")
    return module.backup(tmp_path / "saved.tar")


def test_archive_is_readable_by_its_owner_alone_and_leaves_keys_out(archive: Path):
    assert archive.stat().st_mode & 0o777 == 0o600
    with tarfile.open(archive) as content:
        names = content.getnames()
        assert json.load(content.extractfile("manifest.json"))["vendor"] == connection.vendor
    assert "vault/letter" in names
    assert not [name for name in names if name.startswith("secrets")]


def test_rows_and_files_come_back(archive: Path, home: Path):
    get_user_model().objects.all().delete()
    (home / "vault" / "letter").write_bytes(b"spoilt")
    module.restore(archive, force=True)
    assert get_user_model().objects.get().username == "wang"
    assert (home / "vault" / "letter").read_bytes() == b"sealed"


def test_restoring_over_data_is_refused_unless_forced(archive: Path):
    with pytest.raises(CommandError, match="--force"):
        call_command("restore", archive)


def test_another_file_is_refused_by_name(home: Path, tmp_path: Path):
    with tarfile.open(tmp_path / "other.tar", "w"):
        pass
    with pytest.raises(CommandError, match="manifest"):
        call_command("restore", tmp_path / "other.tar", "--force")
