def test_check_is_clean():
    from django.core.management import call_command

    call_command("check", fail_level="WARNING")
