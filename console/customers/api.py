"""Customers over the API: masked like everywhere, opened and unmasked on record. Mounted by the api room."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from console.foundation.api import ScopedViewSet

from .errors import Refusal, TooManyLooks
from .models import Consent, Customer, Identifier
from .models.consents import ANY_CHANNEL
from .normal import NotAnIdentifier
from .queries import customer_panel, masked
from .services import consents, finding, opening, profile


class ShownSerializer(serializers.Serializer):
    """A value as this caller sees it; `field` is what `unmask` wants."""

    field = serializers.CharField()
    kind = serializers.CharField()
    text = serializers.CharField()
    masked = serializers.BooleanField()
    label = serializers.CharField()
    level = serializers.IntegerField(allow_null=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    primary = serializers.BooleanField()


class CustomerSerializer(serializers.Serializer):
    """A customer's own fields, masked for this caller."""

    id = serializers.IntegerField()
    uid = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Customer.Kind.choices)
    name = ShownSerializer()
    language = serializers.CharField()
    preferred_channel = serializers.CharField()
    tier = serializers.ChoiceField(choices=Customer.Tier.choices)
    lifecycle = serializers.ChoiceField(choices=Customer.Lifecycle.choices)
    is_sensitive = serializers.BooleanField()
    do_not_market = serializers.BooleanField()
    is_provisional = serializers.BooleanField()
    site_id = serializers.IntegerField(allow_null=True)
    team_id = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()


class ContactSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = ShownSerializer()
    position = serializers.CharField()
    matters = serializers.ListField(child=serializers.CharField())
    expires_at = serializers.DateTimeField(allow_null=True)


class CustomerNoteSerializer(serializers.Serializer):
    id = serializers.IntegerField(read_only=True)
    body = serializers.CharField(max_length=4000)
    pinned = serializers.BooleanField(default=False)
    author = serializers.CharField(read_only=True)
    at = serializers.DateTimeField(read_only=True)


class TagSerializer(serializers.Serializer):
    code = serializers.SlugField()
    label = serializers.CharField()
    colour = serializers.CharField()


class PanelSerializer(serializers.Serializer):
    """Everything the desk shows beside a case."""

    customer = CustomerSerializer()
    identifiers = ShownSerializer(many=True)
    identities = ShownSerializer(many=True)
    level = serializers.IntegerField()
    contacts = ContactSerializer(many=True)
    tags = TagSerializer(many=True)
    notes = CustomerNoteSerializer(many=True)
    consents = serializers.DictField(child=serializers.DictField(child=serializers.BooleanField()))


class CustomerWriteSerializer(serializers.Serializer):
    """What may be given or changed. Identifiers only when the customer is made."""

    kind = serializers.ChoiceField(choices=Customer.Kind.choices, required=False)
    display_name = serializers.CharField(max_length=200, required=False)
    language = serializers.CharField(max_length=10, required=False, allow_blank=True)
    preferred_channel = serializers.CharField(max_length=32, required=False, allow_blank=True)
    lifecycle = serializers.ChoiceField(choices=Customer.Lifecycle.choices, required=False)
    tier = serializers.ChoiceField(choices=Customer.Tier.choices, required=False)
    is_sensitive = serializers.BooleanField(required=False)
    do_not_market = serializers.BooleanField(required=False)
    identifiers = serializers.DictField(
        child=serializers.CharField(max_length=254), required=False, help_text="{kind: value}"
    )

    def validate_identifiers(self, value: dict[str, str]) -> dict[str, str]:
        unknown = sorted(set(value) - set(Identifier.Kind.values))
        if unknown:
            raise serializers.ValidationError(unknown)
        return value


class FindSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=[*Identifier.Kind.choices, ("name", "name")])
    value = serializers.CharField(max_length=254)


class FoundSerializer(serializers.Serializer):
    customer_id = serializers.IntegerField()
    uid = serializers.UUIDField()
    kind = serializers.CharField()
    name = serializers.CharField()
    tier = serializers.CharField()
    is_provisional = serializers.BooleanField()
    site = serializers.CharField()
    in_scope = serializers.BooleanField()


class CustomerReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class UnmaskSerializer(serializers.Serializer):
    field = serializers.CharField(max_length=64)
    reason = serializers.CharField(max_length=500)


class ValueSerializer(serializers.Serializer):
    field = serializers.CharField()
    value = serializers.CharField()


class ConsentSerializer(serializers.Serializer):
    id = serializers.IntegerField(read_only=True)
    purpose = serializers.ChoiceField(choices=Consent.Purpose.choices)
    channel = serializers.CharField(source="channel_kind", max_length=32, default=ANY_CHANNEL)
    granted = serializers.BooleanField(write_only=True)
    state = serializers.CharField(read_only=True)
    at = serializers.DateTimeField(required=False)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    source = serializers.CharField(max_length=40)
    text_version = serializers.CharField(max_length=40, required=False)
    evidence = serializers.CharField(max_length=120, required=False)


class CustomerViewSet(ScopedViewSet):
    """Customers within the caller's scope; `find` and `open` reach further, on record."""

    queryset = Customer.objects.all()
    serializer_class = CustomerSerializer
    scope = "customers"
    permission = "customer.view"
    permissions = {
        "create": "customer.edit",
        "partial_update": "customer.edit",
        "find": "customer.find",
        "open": "customer.find",
        "unmask": "customer.unmask",
        "notes": "customer.view",
        "consents": "customer.view",
    }

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(_as_problem(exc))

    def _card(self, customer: Customer) -> dict[str, Any]:
        return CustomerSerializer(masked(customer, self.request.user)).data

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([self._card(customer) for customer in page])

    @extend_schema(responses=PanelSerializer)
    def retrieve(self, request: Request, pk: str | None = None) -> Response:
        """Everything about one customer; the look is put on record."""
        customer = opening.open_customer(request.user, self.get_object())
        return Response(PanelSerializer(customer_panel(request.user, customer)).data)

    @extend_schema(request=CustomerWriteSerializer, responses={201: CustomerSerializer})
    def create(self, request: Request) -> Response:
        values = _valid(CustomerWriteSerializer, request)
        identifiers = values.pop("identifiers", {})
        customer = profile.create_customer(request.user, identifiers=identifiers, **values)
        return Response(self._card(customer), status=status.HTTP_201_CREATED)

    @extend_schema(request=CustomerWriteSerializer, responses=CustomerSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        values = _valid(CustomerWriteSerializer, request)
        identifiers = values.pop("identifiers", {})
        customer = self.get_object()
        with transaction.atomic():
            profile.update_customer(request.user, customer, **values)
            for kind, value in identifiers.items():
                profile.add_identifier(request.user, customer, kind, value)
        return Response(self._card(customer))

    @extend_schema(request=FindSerializer, responses=FoundSerializer(many=True))
    @action(detail=False, methods=["post"], pagination_class=None)
    def find(self, request: Request) -> Response:
        """Find by exact identifier, whoever's customer it is; by whole name within scope. POST, so that no
        number stands in an address."""
        asked = _valid(FindSerializer, request)
        if asked["kind"] == "name":
            found = finding.find_by_name(request.user, asked["value"])
        else:
            found = finding.find_by_identifier(request.user, asked["kind"], asked["value"])
        return Response(FoundSerializer(found, many=True).data)

    @extend_schema(request=CustomerReasonSerializer, responses=PanelSerializer)
    @action(detail=True, methods=["post"])
    def open(self, request: Request, pk: str | None = None) -> Response:
        """Open a customer outside the scope with a reason; it stays open for eight hours."""
        asked = _valid(CustomerReasonSerializer, request)
        customer = get_object_or_404(Customer.objects.filter(erased_at=None), pk=_number(pk))
        opening.open_customer(request.user, customer, asked["reason"])
        return Response(PanelSerializer(customer_panel(request.user, customer)).data)

    @extend_schema(request=UnmaskSerializer, responses=ValueSerializer)
    @action(detail=True, methods=["post"], idempotent=False)
    def unmask(self, request: Request, pk: str | None = None) -> Response:
        """One clear value, with a reason; each look is an event. Never answered from an idempotency store."""
        asked = _valid(UnmaskSerializer, request)
        value = opening.unmask(request.user, self.get_object(), asked["field"], asked["reason"])
        return Response({"field": asked["field"], "value": value}, headers={"Cache-Control": "no-store"})

    @extend_schema(request=CustomerNoteSerializer, responses=CustomerNoteSerializer(many=True))
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def notes(self, request: Request, pk: str | None = None) -> Response:
        customer = self.get_object()
        if request.method == "POST":
            asked = _valid(CustomerNoteSerializer, request)
            profile.add_note(request.user, customer, asked["body"], pinned=asked["pinned"])
        return Response(CustomerNoteSerializer(customer_panel(request.user, customer).notes, many=True).data)

    @extend_schema(request=ConsentSerializer, responses=ConsentSerializer(many=True))
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def consents(self, request: Request, pk: str | None = None) -> Response:
        """The ledger, latest first; POST adds a line."""
        customer = self.get_object()
        if request.method == "POST":
            asked = _valid(ConsentSerializer, request)
            channel = asked.pop("channel_kind")
            consents.record_consent(customer, asked.pop("purpose"), channel, actor=request.user, **asked)
        return Response(ConsentSerializer(customer.consents.all()[:200], many=True).data)


def _valid(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    form = kind(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _number(pk: str | None) -> int:
    if not (pk or "").isdecimal() or len(pk) > 18:
        raise exceptions.NotFound
    return int(pk)


def _as_problem(error: Exception) -> Exception:
    """A refusal of ours as DRF knows them, so that its code and sentence reach the caller."""
    if isinstance(error, TooManyLooks):
        return exceptions.Throttled(detail=str(error.text), code=error.code)
    if isinstance(error, Refusal):
        return exceptions.PermissionDenied(str(error.text), error.code)
    if isinstance(error, NotAnIdentifier):
        return exceptions.ValidationError({"value": [str(error)]})
    if type(error) is LookupError:
        return exceptions.NotFound()
    return error


ROUTES = [("customers", CustomerViewSet)]
