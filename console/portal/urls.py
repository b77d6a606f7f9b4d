from django.urls import path

from .views import access, contact, files, my, plain, survey

app_name = "portal"
urlpatterns = [
    path("contact/", contact.choose, name="contact"),
    path("contact/write/<slug:code>/", contact.write, name="write"),
    path("contact/received/<str:token>/", contact.received, name="received"),
    path("contact/files/", files.begin, name="files"),
    path("contact/files/<uuid:uid>/", files.one, name="file"),
    path("plain/", plain.switch, name="plain"),
    path("survey/<str:token>/", survey.survey, name="survey"),
    path("my/", my.home, name="my"),
    path("my/sign-in/", access.sign_in, name="sign_in"),
    path("my/follow/", access.follow, name="follow"),
    path("my/lost/", access.lost, name="lost"),
    path("my/code/", access.code, name="code"),
    path("my/leave/", access.leave, name="leave"),
    path("my/<str:number>/", my.matter, name="matter"),
    path("my/<str:number>/withdraw/", my.withdraw, name="withdraw"),
    path("my/<str:number>/recheck/", my.recheck, name="recheck"),
    path("my/<str:number>/files/<int:pk>/", my.file, name="matter_file"),
]
