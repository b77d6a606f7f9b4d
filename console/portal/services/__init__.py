"""Every change of state in this room: sending forms, files on their way, codes and sessions, acts of a customer."""
