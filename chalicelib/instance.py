"""/api/v1/instance and /api/v2/instance: what this instance is, and its limits."""

from typing import Any

import msgspec

from chalicelib import rendering
from chalicelib.api import Access, Blueprint, Call
from fstream_app import settings

api = Blueprint(__name__)

SOFTWARE_VERSION = "0.1.0"
VERSION = f"4.2.0 (compatible; FSTREAM {SOFTWARE_VERSION})"
"""Clients read the client API's version from its beginning."""


@api.declare("GET", "/api/v1/instance", access=Access.ANYBODY)
def version_1(_: Call[msgspec.Struct]) -> dict[str, Any]:
    """Describe the instance, first version."""
    current = settings.get()
    return {
        "uri": current.host,
        "title": current.title,
        "short_description": current.description,
        "description": current.description,
        "email": current.contact_email,
        "version": VERSION,
        "urls": {"streaming_api": ""},
        "stats": {"user_count": 0, "status_count": 0, "domain_count": 0},
        "thumbnail": _thumbnail(),
        "languages": ["en"],
        "registrations": current.registrations,
        "approval_required": False,
        "invites_enabled": False,
        "configuration": _configuration(current),
        "contact_account": None,
        "rules": [],
    }


@api.declare("GET", "/api/v2/instance", access=Access.ANYBODY)
def version_2(_: Call[msgspec.Struct]) -> dict[str, Any]:
    """Describe the instance, second version."""
    current = settings.get()
    return {
        "domain": current.host,
        "title": current.title,
        "version": VERSION,
        "source_url": current.source_url,
        "description": current.description,
        "usage": {"users": {"active_month": 0}},
        "thumbnail": {"url": _thumbnail(), "blurhash": None, "versions": {}},
        "icon": [],
        "languages": ["en"],
        "configuration": _configuration(current) | {"urls": {"streaming": ""}},
        "registrations": {
            "enabled": current.registrations,
            "approval_required": False,
            "message": None if current.registrations else "This instance does not accept new accounts",
            "url": None,
        },
        "api_versions": {"mastodon": 1},
        "contact": {"email": current.contact_email, "account": None},
        "rules": [],
    }


def _thumbnail() -> str:
    return f"{rendering.base_url()}/avatars/header.svg"


def _configuration(current: settings.Settings) -> dict[str, Any]:
    return {
        "accounts": {"max_featured_tags": 0, "max_pinned_statuses": 0},
        "statuses": {
            "max_characters": current.max_characters,
            "max_media_attachments": 0,
            "characters_reserved_per_url": 23,
            "min_expires_in": current.min_lifetime,
            "max_expires_in": current.max_lifetime,
            "default_expires_in": current.default_lifetime,
        },
        "media_attachments": {
            "supported_mime_types": [],
            "image_size_limit": 0,
            "image_matrix_limit": 0,
            "video_size_limit": 0,
            "video_frame_rate_limit": 0,
            "video_matrix_limit": 0,
        },
        "polls": {
            "max_options": 0,
            "max_characters_per_option": 0,
            "min_expiration": 0,
            "max_expiration": 0,
        },
        "translation": {"enabled": False},
    }
