"""Model fields for what must not lie readable in the database, and the hash column it is found by.

A loaded row keeps its ciphertext until the attribute is read: lists that never show a value never pay for it.
`values()` and `values_list()` give `Sealed` objects; call `.reveal()` or `str()` on them.
"""

import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import FieldError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.lookups import Exact, IsNull

from . import crypto


class Sealed:
    """A stored value not yet decrypted. Its repr shows nothing, so a stray log line leaks nothing."""

    __slots__ = ("load", "token")

    def __init__(self, token: bytes, load: Callable[[bytes], Any]) -> None:
        self.token = token
        self.load = load

    def reveal(self) -> Any:
        return self.load(crypto.decrypt(self.token))

    def __str__(self) -> str:
        return str(self.reveal())

    def __repr__(self) -> str:
        return "<sealed>"

    def __eq__(self, other: object) -> bool:
        other = other.reveal() if isinstance(other, Sealed) else other
        return self.reveal() == other

    __hash__ = None


class SealedAttribute(models.query_utils.DeferredAttribute):
    """Opens a sealed value when it is first read and keeps the clear one on the instance."""

    def __get__(self, instance, cls=None):
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = instance.__dict__[self.field.attname] = value.reveal()
        return value

    def __set__(self, instance, value):
        # Without this the descriptor is never asked: a value in the instance's own dict would win.
        instance.__dict__[self.field.attname] = value


class NothingButNull(Exact):
    """`exact` on an encrypted column: only null and the empty value can be compared."""

    def get_prep_lookup(self):
        if self.rhs is None or self.rhs in ("", b""):
            return self.rhs
        raise FieldError(f"{self.lhs.output_field.name} is encrypted: look it up by its keyed hash.")


class EncryptedField(models.Field):
    """Shared by the encrypted fields: sealing, opening, and refusing lookups that can never match."""

    descriptor_class = SealedAttribute

    def dump(self, value: Any) -> bytes:
        raise NotImplementedError

    def load(self, data: bytes) -> Any:
        raise NotImplementedError

    def get_lookup(self, lookup_name):
        return {"exact": NothingButNull, "isnull": IsNull}.get(lookup_name)

    def get_transform(self, lookup_name):
        return None

    def token_of(self, value: Any) -> bytes:
        return value.token if isinstance(value, Sealed) else crypto.encrypt(self.dump(value))

    def to_column(self, token: bytes) -> Any:
        return token.decode("ascii")

    def from_column(self, value: Any) -> bytes:
        return value.encode("ascii")

    def from_db_value(self, value, expression, connection):
        if value is None or value in ("", b""):
            return value
        return Sealed(self.from_column(value), self.load)

    def get_prep_value(self, value):
        if value is None or (isinstance(value, str | bytes) and not value):
            return value
        return self.to_column(self.token_of(value))

    def get_db_prep_value(self, value, connection, prepared=False):
        return value if prepared else self.get_prep_value(value)

    def pre_save(self, instance, add):
        # Read past the descriptor: an unread value goes back as it came, undecrypted.
        held = instance.__dict__
        return held[self.attname] if self.attname in held else getattr(instance, self.attname)


class EncryptedTextField(EncryptedField, models.TextField):
    """Text encrypted at rest. The empty string is stored as such, so emptiness stays searchable."""

    def dump(self, value: str) -> bytes:
        return str(value).encode("utf-8", "surrogatepass")

    def load(self, data: bytes) -> str:
        return data.decode("utf-8", "surrogatepass")


class EncryptedJSONField(EncryptedField, models.TextField):
    """Any JSON value encrypted at rest."""

    def dump(self, value: Any) -> bytes:
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":")).encode()

    def load(self, data: bytes) -> Any:
        return json.loads(data)

    def get_prep_value(self, value):
        return None if value is None else self.to_column(self.token_of(value))

    def to_python(self, value):
        return value

    def value_to_string(self, obj):
        return self.value_from_object(obj)

    def formfield(self, **kwargs):
        from django.forms import JSONField

        return super().formfield(**{"form_class": JSONField, "encoder": DjangoJSONEncoder, **kwargs})


class EncryptedBinaryField(EncryptedField, models.BinaryField):
    """Bytes encrypted at rest, stored without the base64 of the token."""

    def dump(self, value: bytes) -> bytes:
        return bytes(value)

    def load(self, data: bytes) -> bytes:
        return data

    def to_column(self, token: bytes) -> bytes:
        return crypto.pack(token)

    def from_column(self, value: Any) -> bytes:
        return crypto.unpack(bytes(value))

    def get_db_prep_value(self, value, connection, prepared=False):
        value = value if prepared else self.get_prep_value(value)
        return None if value is None else connection.Database.Binary(value)


class KeyedHashField(models.CharField):
    """Hex keyed hash beside an encrypted value. With `source` and `purpose` it fills itself on save."""

    def __init__(self, *args, source: str = "", purpose: str = "", **kwargs) -> None:
        self.source, self.purpose = source, purpose
        kwargs.setdefault("max_length", 64)
        kwargs.setdefault("db_index", True)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def hash_of(self, value: str) -> str:
        """The stored form of a clear value, to filter by."""
        return crypto.keyed_hash(value, self.purpose)

    def pre_save(self, instance, add):
        if not self.source:
            return super().pre_save(instance, add)
        if isinstance(instance.__dict__.get(self.source), Sealed):
            return super().pre_save(instance, add)
        value = getattr(instance, self.source)
        hashed = self.hash_of(value) if value else ("" if not self.null else None)
        setattr(instance, self.attname, hashed)
        return hashed
