"""Who is refused: foreign hosts and origins, missing tokens, too much, paths."""

import pytest

from tests.make import drawing
from tests.studio.conftest import png

pytest.importorskip("httpx2")
guard = pytest.importorskip("pixelization.studio.guard")
server = pytest.importorskip("pixelization.studio.server")
testclient = pytest.importorskip("starlette.testclient")

HOME = "http://localhost:8420"


def opened(workshop, policy, base_url=HOME):
    return testclient.TestClient(server.build_app(workshop, policy), base_url=base_url)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8420",
        "localhost.evil.example",
        "10.0.0.5:8420",
        "",
        "[::1",
        "localhost@evil.example",
        "127.0.0.1.nip.example:8420",
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/about", "/js/main.js"])
def test_a_foreign_host_is_refused(open_client, host, path):
    assert open_client.get(path, headers={"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8420", "127.0.0.1:8420", "[::1]:8420", "LOCALHOST"])
def test_our_own_host_is_known(open_client, host):
    assert open_client.get("/api/about", headers={"host": host}).is_success


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://localhost:9999",
        "https://localhost:8420",
        "http://localhost",
        "http://127.0.0.1:8420",
        "",
    ],
)
def test_a_foreign_origin_is_refused(client, origin):
    answer = client.post("/api/pictures", content=png(drawing(8, 8)), headers={"origin": origin})
    assert answer.status_code == 403
    assert client.get("/api/pictures").json() == []


def test_our_own_origin_may_ask(client):
    headers = {"origin": HOME, "sec-fetch-site": "same-origin"}
    assert client.post("/api/pictures", content=png(drawing(8, 8)), headers=headers).is_success


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_browser_calls_another_site_is_refused_even_without_an_origin(open_client, site):
    headers = {"sec-fetch-site": site}
    assert open_client.get("/api/pictures", headers=headers).status_code == 403
    assert open_client.get("/", headers=headers).is_success  # a link to the page


def test_no_answer_lets_others_read_or_frame_it(open_client):
    headers = open_client.get("/api/about", headers={"origin": HOME}).headers
    assert not [name for name in headers if name.startswith("access-control-")]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"


def test_elsewhere_than_on_this_machine_a_token_is_needed(workshop):
    policy = guard.policy_for("0.0.0.0", None)
    assert len(policy.token) >= 30 and policy.token != guard.policy_for("0.0.0.0", None).token
    there = opened(workshop, policy, "http://192.168.0.7:8420")
    assert there.get("/").is_success  # the page itself knows no secret
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": policy.token}):
        assert there.get("/api/about", headers=headers).status_code == 401
    token = {"authorization": f"Bearer {policy.token}"}
    assert there.get("/api/about", headers=token).is_success
    assert there.get("/api/about", headers={**token, "host": "evil.example"}).status_code == 403


def test_on_this_machine_a_token_is_needed_where_one_is_given(workshop):
    here = opened(workshop, guard.policy_for("127.0.0.1", "swordfish"))
    assert here.get("/api/about").status_code == 401
    assert here.get("/api/about", headers={"authorization": "Bearer swordfish"}).is_success


def test_which_hosts_are_this_machine():
    assert all(map(guard.is_loopback, ["127.0.0.1", "127.8.9.10", "::1", "localhost"]))
    assert not any(map(guard.is_loopback, ["0.0.0.0", "::", "192.168.0.7", "studio.example"]))


def test_too_large_a_body_is_refused_announced_or_not(workshop, monkeypatch):
    monkeypatch.setenv("PIXELIZATION_MAX_STUDIO_PICTURE_BYTES", "1000")
    small = opened(workshop, guard.Policy())
    assert small.post("/api/pictures", content=b"x" * 1001).status_code == 413
    assert small.post("/api/pictures", content=(b"x" * 100 for _ in range(11))).status_code == 413
    for length in ("-1", "many", "9" * 30):
        headers = {"content-length": length}
        assert small.post("/api/pictures", content=b"x", headers=headers).status_code == 413


@pytest.mark.parametrize(
    "palette",
    [
        "/etc/passwd",
        "secret.gpl",
        "./secret.gpl",
        "sub/secret",
        "C:\\secret.gpl",
        "ff0000",
        ["secret.gpl"],
        "~/secret.gpl",
    ],
)
def test_a_palette_is_never_a_file(open_client, tmp_path, monkeypatch, palette):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    for name in ("secret.gpl", "sub/secret", "ff0000"):
        (tmp_path / name).write_text("GIMP Palette\n1 2 3\tx\n")
    key = open_client.post("/api/pictures", content=png(drawing(16, 16))).json()["id"]
    answer = open_client.post("/api/sprites", json={"picture": key, "style": {"palette": palette}})
    if palette == "ff0000":  # a colour, although there is a file of this name
        assert [each["color"] for each in answer.json()["used"]] == ["ff0000"]
    else:
        assert answer.status_code == 422
        assert "010203" not in answer.text


@pytest.mark.parametrize(
    "name, kept",
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.png", "a.png"),
        ("", "picture.png"),
        ("..", "picture.png"),
        ("a\nb\x1b[31m.png", "a b\\x1b[31m.png"),
        ("x" * 900, None),
    ],
)
def test_a_name_has_no_folder_and_writes_nothing(client, tmp_path, monkeypatch, name, kept):
    monkeypatch.chdir(tmp_path)
    added = client.post("/api/pictures", params={"name": name}, content=png(drawing(16, 16)))
    told = added.json()["name"]
    assert told == kept if kept else len(told) <= 100
    body = {"picture": added.json()["id"]}
    file = client.post("/api/files", json=body)
    assert "/" not in file.headers["content-disposition"].partition("''")[2]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["0" * 64, "../../secret", "%2e%2e%2fsecret", "x"])
def test_an_unknown_picture_is_not_looked_for_elsewhere(open_client, key):
    for path in ("", "/image", "/grid"):
        assert open_client.get(f"/api/pictures/{key}{path}").status_code == 404
    answer = open_client.post("/api/sprites", json={"picture": key})
    assert answer.status_code in (404, 422)


@pytest.mark.parametrize("model", ["../lite", "/tmp/x.safetensors", "", "no-such"])
def test_a_model_is_one_of_those_that_the_owner_named(open_client, model):
    key = open_client.post("/api/pictures", content=png(drawing(16, 16))).json()["id"]
    answer = open_client.post("/api/sprites", json={"picture": key, "model": model})
    assert answer.status_code == 422
