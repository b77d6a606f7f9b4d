"""Our own mails: their names, their bytes, their envelope."""
