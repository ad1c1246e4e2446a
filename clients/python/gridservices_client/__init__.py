"""What a site controller needs to follow a GridServices EnvelopeHub. See README.md."""
from .holding import Options
from .hub import HubError, HubLine, HubOptions
from .limits import SiteLimits
from .merge import Bound
from .session import SessionOptions, SiteSession

__all__ = ["Bound", "HubError", "HubLine", "HubOptions", "Options", "SessionOptions", "SiteLimits", "SiteSession"]
