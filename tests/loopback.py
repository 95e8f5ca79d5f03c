"""What clients are given that speak only with this machine: nothing there is encrypted."""

from __future__ import annotations

import ssl

NO_TLS_HERE = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For `httpx.AsyncClient(verify=...)`: loading certificates takes longer than most tests."""
