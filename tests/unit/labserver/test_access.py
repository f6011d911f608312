"""Who may ask what: the same rules for every endpoint there is."""

from __future__ import annotations

import json
from http.cookies import SimpleCookie

import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from nbship.labserver.endpoint import EXECUTE, READ, WRITE
from nbship.labserver.routes import endpoints

ENDPOINTS = endpoints()
NAMES = [endpoint.name for endpoint in ENDPOINTS]


def url_of(endpoint):
    return "nbship" + endpoint.path.replace("{", "").replace("}", "")


class OnlyLooking(Authorizer):
    """Lets everybody read, and nothing else of nbship's."""

    def is_authorized(self, handler, user, action, resource):
        return resource != "nbship" or action == "read"


class NoRunning(Authorizer):
    """Lets everybody change what is recorded, and run nothing."""

    def is_authorized(self, handler, user, action, resource):
        return resource != "nbship" or action != "execute"


async def refused(jp_fetch, endpoint, **keywords):
    body = None if endpoint.method in ("GET", "DELETE") else "{}"
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(url_of(endpoint), method=endpoint.method, body=body, **keywords)
    return caught.value.code, json.loads(caught.value.response.body)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=NAMES)
async def test_nobody_is_answered_without_a_token(endpoint, jp_fetch, project):
    code, said = await refused(jp_fetch, endpoint, headers={"Authorization": ""})
    assert code in (401, 403)
    assert said["hint"]


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.action != READ], ids=lambda e: e.name)
async def test_whoever_may_only_look_changes_nothing(endpoint, jp_fetch, jp_serverapp, project):
    jp_serverapp.web_app.settings["authorizer"] = OnlyLooking(parent=jp_serverapp)
    code, said = await refused(jp_fetch, endpoint)
    assert code == 403
    assert said["code"] == "forbidden"
    assert not (project / ".nbship" / "jobs").exists()


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.action == EXECUTE], ids=lambda e: e.name)
async def test_whoever_may_not_execute_runs_nothing(endpoint, jp_fetch, jp_serverapp, project):
    jp_serverapp.web_app.settings["authorizer"] = NoRunning(parent=jp_serverapp)
    code, said = await refused(jp_fetch, endpoint)
    assert code == 403
    assert "not run anything" in said["message"]
    assert not (project / ".nbship" / "jobs").exists()


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.method != "GET"], ids=lambda e: e.name)
async def test_a_page_of_somebody_else_is_not_obeyed(endpoint, signed_in, project):
    """A browser sends its cookies along with whatever page asks; the XSRF token is what that page lacks."""
    code, said = await signed_in(endpoint, {})
    assert code == 403
    assert "XSRF" in said["message"] or "_xsrf" in said["message"]
    code, said = await signed_in(endpoint, {"X-XSRFToken": True})
    assert code != 403


@pytest.fixture
def signed_in(jp_fetch, jp_serverapp, jp_base_url):
    """Return a function that asks with the cookies of a signed-in browser."""

    async def asked(endpoint, headers):
        address = f"http://127.0.0.1:{jp_serverapp.port}{jp_base_url}"
        token = jp_serverapp.identity_provider.token
        cookies = await _cookies(f"{address}tree?token={token}")
        if "X-XSRFToken" in headers:
            headers = {"X-XSRFToken": cookies["_xsrf"]}
        text = "; ".join(f"{name}={value}" for name, value in cookies.items())
        request = HTTPRequest(
            f"{address}{url_of(endpoint)}",
            method=endpoint.method,
            body=None if endpoint.method == "DELETE" else "{}",
            headers={"Cookie": text, **headers},
        )
        answer = await AsyncHTTPClient().fetch(request, raise_error=False)
        return answer.code, json.loads(answer.body)

    return asked


async def _cookies(url):
    answer = await AsyncHTTPClient().fetch(url, follow_redirects=False, raise_error=False)
    found = SimpleCookie()
    for line in answer.headers.get_list("Set-Cookie"):
        found.load(line)
    return {name: item.value for name, item in found.items()}


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.body is not None], ids=lambda e: e.name)
async def test_what_is_no_json_is_refused_in_words(endpoint, jp_fetch, project):
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(url_of(endpoint), method=endpoint.method, body="{no")
    assert caught.value.code == 400
    assert "no JSON" in json.loads(caught.value.response.body)["message"]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=NAMES)
async def test_a_path_that_leads_out_of_the_folder_is_refused(endpoint, jp_fetch, project):
    for path in ("../outside.ipynb", "a/../../b.ipynb", "%2e%2e/../x\x00"):
        with pytest.raises(HTTPClientError) as caught:
            await jp_fetch(
                url_of(endpoint),
                method=endpoint.method,
                params={"path": path},
                body=None if endpoint.method in ("GET", "DELETE") else "{}",
            )
        assert caught.value.code == 400


@pytest.mark.parametrize("name", ["x" * 256, "é" * 128, "x/" + "y" * 300 + ".ipynb"])
async def test_a_name_that_no_file_can_have_is_refused_in_words(ask, name):
    for query in ({"path": name}, {"file": name}):
        status, said = await ask("GET", "notebooks/parameters", {"file": "a.ipynb", **query})
        assert (status, said["code"]) == (400, "usage")
        assert "no file can have" in said["message"]


async def test_a_verb_that_a_path_does_not_have_is_said_so(jp_fetch, project):
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("nbship", "jobs", method="DELETE")
    assert caught.value.code == 405
    assert json.loads(caught.value.response.body)["code"] == "method_not_allowed"


_RUNNING = ("/jobs", "/services")
_WORDS = {"service_snippets"}  # takes rows as a body, and answers with text


def test_what_starts_code_asks_for_leave_to_execute():
    for endpoint in ENDPOINTS:
        if endpoint.path.startswith(_RUNNING) and endpoint.method != "GET" and endpoint.name not in _WORDS:
            assert endpoint.action == EXECUTE, endpoint.name
        if endpoint.method == "GET":
            assert endpoint.action == READ, endpoint.name
        assert endpoint.action in (READ, WRITE, EXECUTE)
        assert endpoint.summary, endpoint.name
