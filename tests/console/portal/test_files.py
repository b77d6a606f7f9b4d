"""Files piece by piece: a broken line costs a piece, and nobody reaches another form's files."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from console.channels import vault
from console.portal import tokens
from console.portal.models import PortalPolicy, Upload
from console.portal.services import uploads

pytestmark = pytest.mark.django_db
BODY = bytes(range(256)) * 2500
SIZE = len(BODY)


@pytest.fixture
def token(form):
    return tokens.make_form()


def begin(client, token, size=SIZE, name="照片.heic"):
    body = json.dumps({"name": name, "type": "image/heic", "size": size})
    return client.post("/contact/files/", body, "application/json", headers={"X-Form": token})


def piece(client, token, uid, at, data):
    url = f"/contact/files/{uid}/"
    return client.patch(url, data, "application/octet-stream", headers={"X-Form": token, "X-At": str(at)})


def test_a_file_comes_in_pieces_and_goes_on_where_the_line_broke(visitor, token):
    state = begin(visitor, token).json()
    size = state["piece"]
    assert piece(visitor, token, state["id"], 0, BODY[:size]).json()["at"] == size
    # The answer got lost: the same piece again is refused with the place to go on from.
    again = piece(visitor, token, state["id"], 0, BODY[:size])
    assert (again.status_code, again.json()["at"]) == (409, size)
    where = visitor.get(f"/contact/files/{state['id']}/", headers={"X-Form": token}).json()["at"]
    while where < len(BODY):
        where = piece(visitor, token, state["id"], where, BODY[where : where + size]).json()["at"]
    row = Upload.objects.get()
    assert row.complete
    assert uploads.attachments([row])[0].content == BODY


def test_pieces_lie_encrypted(visitor, token, settings):
    state = begin(visitor, token, size=20).json()
    piece(visitor, token, state["id"], 0, b"only-for-the-bank-20")
    stored = b"".join(path.read_bytes() for path in settings.VAULT_ROOT.rglob("*") if path.is_file())
    assert stored
    assert b"only-for-the-bank" not in stored


def test_another_form_cannot_see_change_or_remove_it(visitor, token):
    state = begin(visitor, token, size=20).json()
    other = tokens.make_form()
    url = f"/contact/files/{state['id']}/"
    for answer in (
        visitor.get(url, headers={"X-Form": other}),
        piece(visitor, other, state["id"], 0, b"x"),
        visitor.delete(url, headers={"X-Form": other}),
        visitor.get(url),
    ):
        assert answer.status_code == 404
    assert begin(visitor, "forged").status_code == 403


@pytest.mark.parametrize("said", [b"{", b"[]", b'{"size": "x"}', b'{"size": null}', b'{"size": []}', b""])
def test_nonsense_is_refused(visitor, token, said):
    answer = visitor.post("/contact/files/", said, "application/json", headers={"X-Form": token})
    assert answer.status_code == 400


@pytest.mark.parametrize("size", [0, -1, 51 * 1024 * 1024])
def test_too_big_or_empty_is_refused(visitor, token, size):
    assert begin(visitor, token, size=size).status_code == 413


def test_too_many_are_refused(visitor, token):
    PortalPolicy.objects.create(max_files=2)
    assert [begin(visitor, token, size=5).status_code for _ in range(3)] == [201, 201, 413]


def test_strangers_cannot_fill_the_disk(visitor, token):
    PortalPolicy.objects.create(unsent_mb=1)
    assert begin(visitor, token).status_code == 201
    answer = begin(visitor, tokens.make_form())
    assert (answer.status_code, answer.json()) == (507, {"error": "full"})
    Upload.objects.all().delete()
    assert begin(visitor, tokens.make_form()).status_code == 201


def test_no_more_than_was_announced(visitor, token):
    state = begin(visitor, token, size=3).json()
    assert piece(visitor, token, state["id"], 0, b"abcd").status_code == 413
    assert piece(visitor, token, state["id"], 1, b"ab").status_code == 409


def test_two_senders_of_one_piece_leave_one_piece(visitor, token):
    row = uploads.begin("f", "a", "", 6, most=3, biggest=10, total=10)
    stale = Upload.objects.get(pk=row.pk)
    uploads.append(row, 0, b"abc")
    with pytest.raises(uploads.OutOfStep) as caught:
        uploads.append(stale, 0, b"abc")
    assert caught.value.at == 3
    assert len(list(vault.names(-1))) == 1


def test_files_of_forms_never_sent_are_forgotten(visitor, token):
    state = begin(visitor, token, size=3).json()
    piece(visitor, token, state["id"], 0, b"abc")
    Upload.objects.update(created_at=timezone.now() - timedelta(days=1))
    assert uploads.sweep() == 1
    assert list(vault.names(-1)) == []
