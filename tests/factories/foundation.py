import factory

from console.foundation.models import BusinessCalendar


class BusinessCalendarFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = BusinessCalendar

    code = factory.Sequence(lambda n: f"calendar-{n}")
    name = factory.LazyAttribute(lambda row: row.code.title())
    time_zone = "Asia/Shanghai"
