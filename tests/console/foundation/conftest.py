import pytest

from console.foundation import crypto, numbers


@pytest.fixture(autouse=True)
def fresh_process_state():
    """Number blocks and keyrings live in the process; a rolled-back database must not meet an older test's."""
    numbers.reset()
    yield
    numbers.reset()


@pytest.fixture
def home(settings, tmp_path):
    """A home of its own, with keys of its own."""
    settings.HUIYIN_HOME = tmp_path
    settings.HUIYIN_KEYS = ""
    crypto.reload_keys()
    yield tmp_path
    crypto.reload_keys()
