"""The Chalice app: sets its binary types and registers the middleware and the blueprints."""

from chalicelib import (
    account,
    accounts,
    authorize,
    boosts,
    client,
    conversations,
    edits,
    empty,
    endorsements,
    events,
    explore,
    export,
    fallback,
    filters,
    filters_v1,
    follow_requests,
    images,
    instance,
    lists,
    live,
    markers,
    methods,
    nodeinfo,
    notification_policies,
    notifications,
    notifications_v2,
    oauth,
    openapi,
    polls,
    public_pages,
    quotes,
    reports,
    scheduled,
    search,
    sessions,
    statuses,
    streaming,
    tags,
    timelines,
    unsupported,
)
from chalicelib.api import requires_key, reshape_errors
from chalicelib.http_api import Application
from chalicelib.observation import observe
from fstream_app.core import settings

BLUEPRINTS = (
    oauth.api,
    authorize.api,
    account.api,
    accounts.api,
    endorsements.api,
    follow_requests.api,
    sessions.api,
    lists.api,
    statuses.api,
    polls.api,
    edits.api,
    scheduled.api,
    boosts.api,
    quotes.api,
    export.api,
    timelines.api,
    tags.api,
    explore.api,
    notifications.api,
    notifications_v2.api,
    notification_policies.api,
    filters.api,
    filters_v1.api,
    markers.api,
    conversations.api,
    reports.api,
    search.api,
    instance.api,
    nodeinfo.api,
    images.api,
    empty.api,
    unsupported.api,
    unsupported.streaming,
    client.api,
    public_pages.start,
    public_pages.api,
    fallback.api,
)
app = Application(app_name="fstream", configure_logs=False)
app.api.binary_types = images.binary_types(app.api.binary_types)
app.register_middleware(observe, "http")
app.register_middleware(reshape_errors, "http")
for blueprint in (*BLUEPRINTS, openapi.describing(BLUEPRINTS), events.api):
    app.register_blueprint(blueprint)
if settings.get().live_queue:
    # There is what these need. Without, as with plain `chalice deploy`, there is no live streaming.
    app.experimental_feature_flags.update(["WEBSOCKETS"])
    for blueprint in (streaming.api, live.api):
        app.register_blueprint(blueprint)
methods.complete(app, api_key_required=requires_key())
