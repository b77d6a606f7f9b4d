"""Ways a mail travels: a Maildir on disk, or IMAP in and SMTP out. Each knows nothing of what a mail means."""
