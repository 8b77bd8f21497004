"""The Chalice app: registers the middleware and the blueprints, nothing else."""

from chalice.app import Chalice

from chalicelib import (
    accounts,
    authorize,
    avatars,
    docs,
    empty,
    events,
    fallback,
    instance,
    nodeinfo,
    notifications,
    oauth,
    openapi,
    reports,
    search,
    statuses,
    timelines,
    unsupported,
    web,
)
from chalicelib.api import reshape_errors
from chalicelib.observation import observe

BLUEPRINTS = (
    oauth.api,
    authorize.api,
    accounts.api,
    statuses.api,
    timelines.api,
    notifications.api,
    reports.api,
    search.api,
    instance.api,
    nodeinfo.api,
    avatars.api,
    docs.api,
    empty.api,
    unsupported.api,
    unsupported.streaming,
    web.api,
    fallback.api,
)
app = Chalice(app_name="fstream", configure_logs=False)
app.register_middleware(observe, "http")
app.register_middleware(reshape_errors, "http")
for blueprint in (*BLUEPRINTS, openapi.describing(BLUEPRINTS), events.api):
    app.register_blueprint(blueprint)
