"""The Chalice app: it registers the blueprints, nothing else."""

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
    refused,
    search,
    statuses,
    timelines,
    web,
)
from chalicelib.api import reshape_errors

BLUEPRINTS = (
    oauth.api,
    authorize.api,
    accounts.api,
    statuses.api,
    timelines.api,
    notifications.api,
    search.api,
    instance.api,
    nodeinfo.api,
    avatars.api,
    docs.api,
    empty.api,
    refused.api,
    web.api,
    fallback.api,
)
app = Chalice(app_name="fstream")
app.register_middleware(reshape_errors, "http")
for blueprint in (*BLUEPRINTS, openapi.describing(BLUEPRINTS), events.api):
    app.register_blueprint(blueprint)
