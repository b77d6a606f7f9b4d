"""The public contract between Huiyin and its plugins: a plugin imports this package and nothing else of ours.

`channels` holds the connector class and every type that crosses the border, `hookspecs` the hooks a plugin
may implement, `errors` what it may raise, `context` what the host lends it, `forms` the configuration form,
`manifest` the facts of `plugin.toml`, `testing` the conformance kit. Nothing here touches a database.
"""

from .version import API_VERSION

__all__ = ["API_VERSION"]
