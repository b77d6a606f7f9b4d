"""Real servers for tests: started on free loopback ports in a folder of their own, stopped at the end."""
