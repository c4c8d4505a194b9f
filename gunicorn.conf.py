"""How gunicorn serves the site. `gunicorn` finds this file by itself when it is started in this folder.

An option on its command line, or in GUNICORN_CMD_ARGS, is stronger than a value here. Where it listens is not said:
systemd hands it a socket, PORT is served on all addresses, and without either it listens on 127.0.0.1:8000.
"""

import os
from pathlib import Path

wsgi_app = "config.wsgi"

# The parent imports the site and then forks the workers. So a site that is half-configured fails before it listens, a
# worker that replaces another is ready at once, and all of them share the memory of the code. In return SIGHUP brings
# no new code: a release is a restart.
preload_app = True

# A page costs a few milliseconds of a processor, and a press of Pay waits for Stripe. So there are about as many
# workers as processors, and in each a few threads to wait. A thread uses one connection to the database at a time, so
# more threads than DATABASE_POOL would wait for each other.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4

# A worker is replaced after so many requests, so that memory that is lost somewhere cannot add up for months. Up to
# the second number is added, another one for each worker, so that they do not all go at once.
max_requests = 10_000
max_requests_jitter = 1_000

# Seconds. A worker that gave no sign of life for so long hangs, and is killed. A request may take longer, as the sign
# comes from another thread.
timeout = 30
# A worker that is told to stop takes no new request, and has so long for those under way. Waiting for Stripe is given
# up before 20 seconds, and most container platforms kill after 30.
graceful_timeout = 25
# So long a connection is kept for another request. It must be longer than the load balancer keeps it, commonly 60, or
# one day the balancer sends a request into a connection that is just being closed, and answers 502.
keepalive = 75

# What a browser sends to this site is far below these limits. A longer address is answered 414, and more or longer
# headers 431. A proxy in front should refuse them already.
limit_request_line = 4_094
limit_request_fields = 60
limit_request_field_size = 8_190

# Workers show that they live by touching a file. On a disk that is busy this may take longer than `timeout`.
MEMORY = Path("/dev/shm")  # noqa: S108, as gunicorn makes the file so that nobody else can open it
worker_tmp_dir = str(MEMORY) if MEMORY.is_dir() else None

# Whether a request came by https, and from whom, is read by the site alone, where TRUST_X_FORWARDED_PROTO and
# TRUSTED_PROXIES allow it. gunicorn by itself would believe anybody on this machine.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""

# The site writes an access log of its own, which names routes. gunicorn's would hold addresses, and so references.
accesslog = None
# gunicorn's own lines go to the standard error stream, as those of the site do.
errorlog = "-"

# Nobody talks to gunicorn while it runs, and its own user has no folder in which the socket for that could be.
control_socket_disable = True

# Where Prometheus is to be answered, every worker counts, and any of them answers for all.
if os.environ.get("METRICS_PORT", "0") != "0":
    from config.metrics import on_exit, post_worker_init, pre_fork, when_ready  # noqa: F401 - these are gunicorn's hooks
