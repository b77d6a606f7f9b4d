"""Pages of the customers. Thin: they read a request, call a service, and say what happened."""
