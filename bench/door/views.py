from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from .models import Bare


@csrf_exempt
def bare(request: HttpRequest) -> HttpResponse:
    """What an unverified, unparsed request costs in a view that only inserts a row."""
    Bare.objects.create(body=request.body.decode())
    return HttpResponse(b"", content_type="text/plain")
