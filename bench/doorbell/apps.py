from django.apps import AppConfig


class DoorbellConfig(AppConfig):
    name = "bench.doorbell"
    label = "doorbell"

    def ready(self) -> None:
        from console.foundation import work

        from . import jobs

        work.register_pump("doorbell", jobs.drain, due=jobs.waiting)
