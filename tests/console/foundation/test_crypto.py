import threading
import time

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from console.foundation import crypto
from console.foundation.checks import hash_root_is_named


def test_what_is_encrypted_comes_back(home):
    token = crypto.encrypt("回音".encode())
    assert crypto.decrypt(token) == "回音".encode()
    assert crypto.token_key_id(token) == crypto.current_key_id()


def test_key_files_are_made_for_the_owner_only(home):
    crypto.encrypt(b"x")
    for name in ("keys", "hash_root"):
        assert (home / "secrets" / name).stat().st_mode & 0o777 == 0o600
    assert (home / "secrets").stat().st_mode & 0o077 == 0


def test_many_first_users_agree_on_one_key(home):
    tokens: list[bytes] = []
    threads = [threading.Thread(target=lambda: tokens.append(crypto.encrypt(b"x"))) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert {crypto.decrypt(token) for token in tokens} == {b"x"}
    assert len((home / "secrets" / "keys").read_text().split()) == 1


@pytest.mark.parametrize(
    "damage", [lambda t: t[:-4], lambda t: t[:-9] + b"AAAA" + t[-5:], lambda t: b"", lambda t: b"plain"]
)
def test_damaged_tokens_are_refused(home, damage):
    with pytest.raises(crypto.DecryptionFailed):
        crypto.decrypt(damage(crypto.encrypt(b"secret")))


def test_a_new_key_encrypts_and_old_tokens_still_open(home):
    old = crypto.encrypt(b"x")
    hashed = crypto.keyed_hash("13812345678", "phone")
    new_id = crypto.add_key()
    assert crypto.current_key_id() == new_id != crypto.token_key_id(old)
    assert crypto.decrypt(old) == b"x"
    assert crypto.token_key_id(crypto.rotate(old)) == new_id
    assert crypto.keyed_hash("13812345678", "phone") == hashed
    assert (home / "secrets" / "keys").stat().st_mode & 0o777 == 0o600


def test_rotating_a_current_token_changes_nothing(home):
    token = crypto.encrypt(b"x")
    assert crypto.rotate(token) is token


def test_a_running_process_learns_of_a_new_key(home, monkeypatch):
    crypto.encrypt(b"x")
    path = home / "secrets" / "keys"
    path.write_text(Fernet.generate_key().decode() + "\n" + path.read_text())
    before = crypto.current_key_id()
    monkeypatch.setattr(crypto._rings, "look_again", time.monotonic() - 1)
    assert crypto.current_key_id() != before


def test_a_token_of_a_key_added_elsewhere_opens_at_once(home):
    crypto.encrypt(b"x")
    other = Fernet.generate_key().decode()
    path = home / "secrets" / "keys"
    path.write_text(path.read_text() + other + "\n")
    token = crypto.key_id_of(other).encode() + b":" + Fernet(other).encrypt(b"y")
    assert crypto.decrypt(token) == b"y"


def test_keys_from_the_environment(settings, home):
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    settings.HUIYIN_KEYS = keys[1]
    old, hashed = crypto.encrypt(b"x"), crypto.keyed_hash("v", "p")
    settings.HUIYIN_KEYS = f"{keys[0]},{keys[1]}"
    assert crypto.decrypt(old) == b"x"
    assert crypto.current_key_id() == crypto.key_id_of(keys[0])
    assert crypto.keyed_hash("v", "p") == hashed
    with pytest.raises(ImproperlyConfigured):
        crypto.add_key()


def test_a_named_hash_root_needs_no_file(settings, home):
    settings.HUIYIN_KEYS = f"{Fernet.generate_key().decode()},hash:shared-root"
    hashed = crypto.keyed_hash("v", "p")
    settings.HUIYIN_KEYS = f"{Fernet.generate_key().decode()},hash:shared-root"
    assert crypto.keyed_hash("v", "p") == hashed
    assert not (home / "secrets" / "hash_root").exists()
    assert hash_root_is_named(None) == []
    settings.HUIYIN_KEYS = Fernet.generate_key().decode()
    assert [warning.id for warning in hash_root_is_named(None)] == ["foundation.W001"]


@pytest.mark.parametrize("keys", ["short", "hash:only"])
def test_bad_keys_are_named_at_once(settings, home, keys):
    settings.HUIYIN_KEYS = keys
    with pytest.raises(ImproperlyConfigured):
        crypto.encrypt(b"x")


def test_hashes_differ_by_purpose_and_by_installation(home, settings, tmp_path):
    hashed = crypto.keyed_hash("13812345678", "phone")
    assert len(hashed) == 64
    assert crypto.keyed_hash("13812345678", "card") != hashed
    settings.HUIYIN_HOME = tmp_path / "other"
    assert crypto.keyed_hash("13812345678", "phone") != hashed


def test_packed_tokens_are_smaller_and_come_back(home):
    token = crypto.encrypt(b"x" * 300)
    packed = crypto.pack(token)
    assert crypto.unpack(packed) == token
    assert len(packed) < 0.8 * len(token)
    with pytest.raises(crypto.DecryptionFailed):
        crypto.unpack(b"\x02abc")


def test_signed_values(home, monkeypatch):
    token = crypto.sign("reset", b"user 7")
    assert crypto.verify("reset", token) == b"user 7"
    for bad in ("", "a", "!!!!", token[:-1] + ("A" if token[-1] != "A" else "B"), "回" + token):
        with pytest.raises(crypto.BadSignature):
            crypto.verify("reset", bad)
    with pytest.raises(crypto.BadSignature):
        crypto.verify("other", token)


def test_signed_values_expire(home, monkeypatch):
    token = crypto.sign("reset", b"x", ttl=60)
    assert crypto.verify("reset", token) == b"x"
    later = time.time() + 61
    monkeypatch.setattr(crypto.time, "time", lambda: later)
    with pytest.raises(crypto.BadSignature):
        crypto.verify("reset", token)
