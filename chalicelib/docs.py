"""/docs: the API reference as one HTML page, generated from the OpenAPI document, without scripts or other files."""

from collections.abc import Iterable, Mapping
from string import Template
from typing import Any

import msgspec

from chalicelib.layout import Html, fill, joined
from chalicelib.schemas import Schema

_PAGE = Template("""<h1>$title API</h1>
$description
<p>Version $version. For programs: <a href="$root/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>
<nav aria-label="Contents"><ul class="contents">
$contents<li><a href="#shapes">Shapes</a></li>
</ul></nav>
$groups
<section id="shapes">
<h2>Shapes</h2>
$shapes</section>""")
_CONTENT = Template('<li><a href="#$name">$title</a></li>\n')
_SECTION = Template('<section id="$name">\n<h2>$title</h2>\n<p>$about</p>\n$operations</section>\n')
_OPERATION = Template("""<details id="$name"><summary><h3><span class="method">$method</span> \
<span class="path">$path</span></h3> <span class="quiet">$summary</span></summary>
<div>
<p>$access</p>
$parameters$body<h4>Returns</h4>
<p>$answer</p>
<p class="quiet">$errors</p>
</div></details>
""")
_LISTED = Template('<h4>$title</h4>\n<dl class="parameters">\n$entries</dl>\n')
_ENTRY = Template("<dt><code>$name</code></dt><dd>$kind$about</dd>\n")
_ABOUT = Template(". $text")
_SHAPE = Template("""<details id="$name"><summary><h3 class="path">$name</h3> \
<span class="quiet">$about</span></summary>
<div><dl class="parameters">
$entries</dl></div></details>
""")
_REFERENCE = Template('<a href="#$name">$name</a>')
_PARAGRAPH = Template("<p>$text</p>\n")
_CODE, _STRONG = Template("<code>$text</code>"), Template("<b>$text</b>")
_TITLES = {"oauth": "OAuth", "openapi": "OpenAPI", "nodeinfo": "NodeInfo"}
_METHODS = ("get", "post", "put", "patch", "delete")


def render(document: Schema) -> Html:
    """Render FSTREAM's OpenAPI document as HTML: operations by tag, then the schemas to which they refer."""
    info, tags = document["info"], document["tags"]
    operations: dict[str, list[Html]] = {tag["name"]: [] for tag in tags}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                rendered = _operation(method, path, methods[method], document["components"]["responses"])
                operations[methods[method]["tags"][0]].append(rendered)
    shapes = document["components"]["schemas"]
    return fill(
        _PAGE,
        title=info["title"],
        description=_prose(info["description"]),
        version=info["version"],
        contents=joined(fill(_CONTENT, name=tag["name"], title=_title(tag)) for tag in tags),
        groups=joined(
            fill(
                _SECTION,
                name=tag["name"],
                title=_title(tag),
                about=_inline(tag["description"]),
                operations=joined(operations[tag["name"]]),
            )
            for tag in tags
        ),
        shapes=joined(_shape(name, shape) for name, shape in shapes.items()),
    )


def _title(tag: Schema) -> str:
    name = tag["name"]
    return _TITLES.get(name) or str(name).capitalize()


def _operation(method: str, path: str, operation: Schema, responses: Schema) -> Html:
    parameters = [
        (each["name"], each["schema"], each.get("description", ""), each.get("required", False))
        for each in operation.get("parameters", [])
    ]
    return fill(
        _OPERATION,
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=_inline(operation["summary"]),
        access=_access(operation["security"]),
        parameters=_listed("Parameters", parameters),
        body=_body(operation),
        answer=_answer(operation["responses"]),
        errors=_inline(f"Errors: {'; '.join(_errors(operation['responses'], responses))}."),
    )


def _access(security: list[dict[str, list[str]]]) -> str:
    """Describe the token that an operation needs, from its security schemes."""
    kinds = [next(iter(each), "") for each in security]
    scopes = sorted({scope for each in security for several in each.values() for scope in several})
    needed = f" with the scope {' or '.join(scopes)}" if scopes else ""
    if not any(kinds):
        return "No token is needed."
    if "" in kinds:
        return f"A token{needed} is optional."
    whose = "a user's or an application's" if "application" in kinds else "a user's"
    return f"Needs {whose} token{needed}."


def _listed(title: str, entries: Iterable[tuple[str, Schema, str, bool]]) -> Html:
    shown = joined(_entry(*entry) for entry in entries)
    return fill(_LISTED, title=title, entries=shown) if shown else Html()


def _entry(name: str, schema: Schema, about: str, required: bool) -> Html:  # noqa: FBT001
    about = about or schema.get("description", "")
    notes = [_kind(schema)]
    notes += [Html(f"default {fill(_CODE, text=_value(schema['default']))}")] if "default" in schema else []
    notes += [Html("required")] if required else []
    shown = fill(_ABOUT, text=_inline(about)) if about else Html()
    return fill(_ENTRY, name=name, kind=Html(", ".join(notes)), about=shown)


def _body(operation: Schema) -> Html:
    contents = operation.get("requestBody", {}).get("content", {})
    if not contents:
        return Html()
    schema = next(iter(contents.values()))["schema"]
    return Html(f"<h4>Body</h4>\n<p>{_kind(schema)}, as JSON or a form</p>\n")


def _answer(responses: Schema) -> Html:
    success = next((answer for status, answer in responses.items() if _is_success(status)), None)
    if success is None:
        return Html("Nothing but an error.")
    return _kind(success["content"]["application/json"]["schema"])


def _is_success(status: str) -> bool:
    return status.startswith("2")


def _errors(answers: Schema, responses: Schema) -> Iterable[str]:
    for status, answer in answers.items():
        if not _is_success(status):
            name = answer["$ref"].rpartition("/")[2]
            yield f"{status} ({responses[name]['description'].removesuffix('.').partition('.')[0]})"


def _shape(name: str, shape: Schema) -> Html:
    required = shape.get("required", ())
    optional = set(shape.get("properties", {})) - set(required)
    entries = joined(
        _entry(each, schema, "", bool(optional) and each in required)
        for each, schema in shape.get("properties", {}).items()
    )
    about = shape.get("description", "").partition("\n")[0]
    return fill(_SHAPE, name=name, about=_inline(about), entries=entries)


def _kind(schema: Mapping[str, Any]) -> Html:
    """Describe a schema's type in a few words."""
    if "$ref" in schema:
        return fill(_REFERENCE, name=schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return Html(" or ".join(_kind(each) for each in schema["anyOf"]))
    if "enum" in schema:
        return Html(" or ".join(fill(_CODE, text=_value(each)) for each in schema["enum"] if each != ""))
    kinds = schema.get("type", "anything")
    if kinds == "array":
        return Html(f"list of {_kind(schema['items'])}") if schema.get("items") else Html("list")
    return fill(Template("$kind"), kind=" or ".join(kinds) if isinstance(kinds, list) else kinds)


def _value(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _prose(text: str) -> Html:
    """Render a description's paragraphs, which are separated by blank lines."""
    return joined(fill(_PARAGRAPH, text=_inline(each.replace("\n", " "))) for each in text.split("\n\n"))


def _inline(text: str) -> Html:
    """Render the Markdown that descriptions use: `code` and **bold**."""
    parts = text.split("`")
    return joined(fill(_CODE, text=part) if number % 2 else _bold(part) for number, part in enumerate(parts))


def _bold(text: str) -> Html:
    parts = text.split("**")
    plain = Template("$text")
    return joined(fill(_STRONG if number % 2 else plain, text=part) for number, part in enumerate(parts))
