"""A POST sent twice with one `Idempotency-Key` happens once: the second gets the first one's answer."""

import hashlib
import json
from datetime import timedelta
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from ..crypto import keyed_hash
from ..models import IdempotencyKey

KEEP = timedelta(hours=24)
HEADER = "Idempotency-Key"


class KeyReused(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = _("This idempotency key was used for a different request.")


class Idempotent:
    """Mixin for views. The answer is stored in the transaction of the change, so both happen or neither does.

    Set `idempotent = False` on a view whose POST calls the network: such a call must not sit in a transaction.
    """

    idempotent = True

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        key = request.headers.get(HEADER, "")
        if request.method == "POST" and key and self.idempotent:
            if len(key) > 255 or not key.isprintable():
                raise ParseError(_("An idempotency key is at most 255 printable characters."))
            self.post = partial(self._once, self.post, key)

    def _once(self, handler, key: str, request, *args, **kwargs) -> Response:
        owner = getattr(request.user, "pk", None)
        key_hash = keyed_hash(f"{owner}|{request.path}|{key}", "idempotency")
        wanted = _digest(request)
        if kept := _kept(key_hash, wanted):
            return kept
        try:
            with transaction.atomic():
                row = IdempotencyKey.objects.create(
                    key_hash=key_hash, request_hash=wanted, expires_at=timezone.now() + KEEP
                )
                response = handler(request, *args, **kwargs)
                if response.status_code < 400:
                    _keep(row, response)
                else:
                    transaction.set_rollback(True)
                return response
        except IntegrityError:
            # Another request with this key committed while ours waited.
            if kept := _kept(key_hash, wanted):
                return kept
            raise


def _digest(request) -> str:
    body = json.dumps(request.data, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(f"{request.get_full_path()}\n{body}".encode()).hexdigest()


def _kept(key_hash: str, wanted: str) -> Response | None:
    row = IdempotencyKey.objects.filter(key_hash=key_hash).first()
    if row is None:
        return None
    if row.expires_at <= timezone.now():
        row.delete()
        return None
    if row.request_hash != wanted:
        raise KeyReused()
    headers = {**row.headers, "Idempotency-Replayed": "true"}
    return Response(json.loads(row.body) if row.body else None, status=row.status_code, headers=headers)


def _keep(row: IdempotencyKey, response: Response) -> None:
    row.status_code = response.status_code
    row.body = JSONRenderer().render(response.data).decode()
    row.headers = {name: response.headers[name] for name in ("Location",) if name in response.headers}
    row.save(update_fields=["status_code", "body", "headers"])


def purge_expired() -> int:
    """Drop answers nobody may ask for again; a periodic duty."""
    return IdempotencyKey.objects.filter(expires_at__lte=timezone.now()).delete()[0]
