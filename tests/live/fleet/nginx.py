"""nginx as the balancer of a fleet: round robin; if an instance is away, the next one answers."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.support.servers import Server, free_port, running

SERVED_BY = "X-Served-By"
"""The response field that names the addresses that were tried, the one that answered last."""

# `max_fails=0`: an instance is asked again as soon as it is back. One worker keeps one order.
CONFIGURATION = """
worker_processes 1;
error_log stderr crit;
pid {folder}/pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {directives}
    upstream fleet {{ {instances} }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://fleet;
            proxy_next_upstream error timeout;
            add_header {served_by} $upstream_addr always;
        }}
    }}
}}
"""


@contextlib.contextmanager
def balancing(nginx: str, ports: Iterable[int], directives: str = "") -> Iterator[Server]:
    """Run nginx in front of the loopback ``ports``, with further ``directives``."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder) / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(
                folder=folder,
                directives=directives,
                instances=" ".join(f"server 127.0.0.1:{each} max_fails=0;" for each in ports),
                port=port,
                served_by=SERVED_BY,
            ),
            encoding="utf-8",
        )
        command = (nginx, "-e", "stderr", "-c", configuration, "-g", "daemon off;")
        with running(command, port=port) as server:
            yield server
