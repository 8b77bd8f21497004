"""The Chalice app: it registers the blueprints, nothing else."""

from chalice.app import Chalice

from chalicelib import (
    accounts,
    avatars,
    empty,
    events,
    fallback,
    instance,
    notifications,
    oauth,
    search,
    statuses,
    timelines,
    web,
)
from chalicelib.api import reshape_errors

app = Chalice(app_name="fstream")
app.register_middleware(reshape_errors, "http")
for module in (
    oauth,
    accounts,
    statuses,
    timelines,
    notifications,
    search,
    instance,
    avatars,
    empty,
    web,
    events,
    fallback,
):
    app.register_blueprint(module.api)
