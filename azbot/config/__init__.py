"""One TOML file → frozen settings, every problem at once.

Nothing is read at import. Secrets come by environment or by file; a value from the
environment, ``AZBOT_WEB__PORT``, wins over the file.
"""

from azbot.config.load import Survey, checked, load, survey_of
from azbot.config.models import (
    CORE,
    BrandSettings,
    BucketSettings,
    RetentionSettings,
    Section,
    ServiceSettings,
    Settings,
    StoreSettings,
    WebSettings,
    WorkflowSettings,
)

__all__ = [
    "CORE",
    "BrandSettings",
    "BucketSettings",
    "RetentionSettings",
    "Section",
    "ServiceSettings",
    "Settings",
    "StoreSettings",
    "Survey",
    "WebSettings",
    "WorkflowSettings",
    "checked",
    "load",
    "survey_of",
]
