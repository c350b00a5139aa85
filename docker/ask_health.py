"""Is the web server in this container alive? Asked as the proxy would ask."""

import http.client
import os
import sys

web = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
web.request(
    "GET", "/healthz", headers={"Host": os.environ["ALLOWED_HOSTS"].partition(",")[0], "X-Forwarded-Proto": "https"}
)
sys.exit(web.getresponse().status != 200)
