"""What the OpenAPI document holds: our own API, not the editor's."""

PREFIX = "/api/v1/"


def only_ours(endpoints: list[tuple]) -> list[tuple]:
    """Called by the schema generator with (path, regex, method, view) of every endpoint it found."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith(PREFIX)]
