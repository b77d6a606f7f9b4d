import pytest
from django.contrib.admin.sites import site
from django.core.paginator import Paginator

from console.foundation.admin import CappedPaginator, ScopedModelAdmin, paginator
from console.foundation.models import BusinessCalendar
from tests.factories.foundation import BusinessCalendarFactory

pytestmark = pytest.mark.django_db


def test_counting_stops_at_the_cap(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(paginator, "CAP", 3)
    BusinessCalendarFactory.create_batch(6)
    pages = CappedPaginator(BusinessCalendar.objects.all(), 2)
    with django_assert_num_queries(1):
        assert (pages.count, str(pages.count)) == (4, "3+")
    assert pages.num_pages == 2
    few = CappedPaginator(BusinessCalendar.objects.all()[:2], 2)
    assert str(few.count) == "2"
    assert CappedPaginator([1, 2, 3], 2).count == 3
    assert issubclass(CappedPaginator, Paginator)


def test_lists_and_choices_keep_to_the_users_scope(rf, admin_user, monkeypatch):
    mine, other = BusinessCalendarFactory(), BusinessCalendarFactory()
    queryset = type(BusinessCalendar.objects.all())
    monkeypatch.setattr(queryset, "visible_to", lambda self, user: self.filter(pk=mine.pk), raising=False)
    request = rf.get("/")
    request.user = admin_user
    page = ScopedModelAdmin(BusinessCalendar, site)
    assert list(page.get_queryset(request)) == [mine]
    days = site._registry[BusinessCalendar].inlines[0].model
    field = days._meta.get_field("calendar")
    offered = ScopedModelAdmin(days, site).get_field_queryset(None, field, request)
    assert list(offered) == [mine]
    assert other not in offered


def test_no_list_counts_everything():
    assert ScopedModelAdmin.show_full_result_count is False
    assert ScopedModelAdmin.paginator is CappedPaginator
