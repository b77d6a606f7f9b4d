from .alarm import Alarm, AlarmNotice, AlarmRoute
from .chain import Seal, StreamHead
from .delivery import EventDelivery
from .event import AppendOnly, Event

__all__ = ["Alarm", "AlarmNotice", "AlarmRoute", "AppendOnly", "Event", "EventDelivery", "Seal", "StreamHead"]
