"""Reply templates, offered by the outreach room."""
