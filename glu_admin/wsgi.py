"""The web application, for granian or any other WSGI server."""

import os
import signal

import django

from glu_admin.runtime.parents import follow_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glu_admin.settings")
if os.environ.get("GLU_SUPERVISED"):
    # A server process whose master was killed would keep the port.
    follow_parent(signal.SIGTERM)

django.setup(set_prefix=False)
from glu_admin.handler import Handler  # noqa: E402  # reads the settings

application = Handler()
