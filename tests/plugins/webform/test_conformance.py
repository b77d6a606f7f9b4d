"""The kit that third parties run, over the form connector."""

from pathlib import Path

from console.plugin_api.testing import ChannelConformance
from plugins.webform.channel import WebformConnector

RECORDED = Path(__file__).resolve().parents[3] / "fixtures" / "channels" / "webform"


class TestWebform(ChannelConformance):
    connector = WebformConnector
    payloads = RECORDED
    config = {"max_file_mb": 20, "max_total_mb": 50}
    form_data = {"max_file_mb": 20, "max_total_mb": 50}
