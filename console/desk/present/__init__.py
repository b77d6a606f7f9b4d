"""What the desk shows, as plain values: templates format nothing and ask nothing of the database."""
