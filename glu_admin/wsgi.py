"""The web application, for granian or any other WSGI server."""

import os
import signal

from django.core.wsgi import get_wsgi_application

from glu_admin.runtime.parents import follow_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glu_admin.settings")
if os.environ.get("GLU_SUPERVISED"):
    # A server process whose master was killed would keep the port.
    follow_parent(signal.SIGTERM)

application = get_wsgi_application()
