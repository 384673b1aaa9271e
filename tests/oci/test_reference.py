import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.oci.digest import Digest
from rebaser.oci.reference import Reference, Repository, Transport, destination, familiar, is_tag, parse_reference

HEX = "0123456789abcdef" * 4
SHA512 = "sha512:" + HEX * 2


@pytest.mark.parametrize(
    ("written", "full"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.27", "docker.io/library/nginx:1.27"),
        ("grafana/loki", "docker.io/grafana/loki:latest"),
        ("library/nginx", "docker.io/library/nginx:latest"),
        ("docker.io/nginx", "docker.io/library/nginx:latest"),
        ("docker.io/library/nginx:1", "docker.io/library/nginx:1"),
        ("docker.io/a/b/c", "docker.io/a/b/c:latest"),
        ("index.docker.io/nginx", "docker.io/library/nginx:latest"),
        ("registry-1.docker.io/library/nginx", "docker.io/library/nginx:latest"),
        ("registry.hub.docker.com/library/nginx", "docker.io/library/nginx:latest"),
        ("Docker.IO/nginx", "docker.io/library/nginx:latest"),
        ("docker://nginx", "docker.io/library/nginx:latest"),
        ("localhost/app", "localhost/app:latest"),
        ("LOCALHOST/app", "localhost/app:latest"),
        ("localhost:5000/app:v1", "localhost:5000/app:v1"),
        ("localhost:5000", "docker.io/library/localhost:5000"),
        ("registry.test/app", "registry.test/app:latest"),
        ("Registry.Test/app", "registry.test/app:latest"),
        ("Registry/app", "Registry/app:latest"),
        ("registry/app", "docker.io/registry/app:latest"),
        ("registry:5000/a/b:c", "registry:5000/a/b:c"),
        ("registry.test:65535/app", "registry.test:65535/app:latest"),
        ("127.0.0.1:5000/app", "127.0.0.1:5000/app:latest"),
        ("[::1]/app", "[::1]/app:latest"),
        ("[2001:DB8::1]/app", "[2001:db8::1]/app:latest"),
        ("[::1]:5000/app:1", "[::1]:5000/app:1"),
        ("[2001:db8::1]:5000/a/b@sha256:" + HEX, "[2001:db8::1]:5000/a/b@sha256:" + HEX),
        (f"nginx@sha256:{HEX}", f"docker.io/library/nginx@sha256:{HEX}"),
        (f"nginx:1.27@sha256:{HEX}", f"docker.io/library/nginx:1.27@sha256:{HEX}"),
        (f"nginx@{SHA512}", f"docker.io/library/nginx@{SHA512}"),
        ("registry.test/a__b/c-d/e.f/g---h", "registry.test/a__b/c-d/e.f/g---h:latest"),
        ("registry.test/app:_Tag.with-All_9", "registry.test/app:_Tag.with-All_9"),
        ("registry.test/app:" + "x" * 128, "registry.test/app:" + "x" * 128),
        ("oci:layout", "oci:layout"),
        ("oci:./some dir/layout:1.0", "oci:./some dir/layout:1.0"),
        ("oci:/a/b:docker.io/library/x", "oci:/a/b:docker.io/library/x"),
        (f"oci:/a/b@sha256:{HEX}", f"oci:/a/b@sha256:{HEX}"),
        (f"oci:/a/b:1@sha256:{HEX}", f"oci:/a/b:1@sha256:{HEX}"),
        ("oci:/a/b@c", "oci:/a/b@c"),
        ("docker-archive:image.tar", "docker-archive:image.tar"),
        ("docker-archive:/a/image.tar:app", "docker-archive:/a/image.tar:docker.io/library/app:latest"),
        ("docker-archive:a.tar:localhost:5000/app:1", "docker-archive:a.tar:localhost:5000/app:1"),
        ("docker-archive:a.tar:@0", "docker-archive:a.tar:@0"),
        (f"docker-archive:a.tar:@12@sha256:{HEX}", f"docker-archive:a.tar:@12@sha256:{HEX}"),
        (f"docker-archive:a.tar@sha256:{HEX}", f"docker-archive:a.tar@sha256:{HEX}"),
        ("docker-daemon:app", "docker-daemon:docker.io/library/app:latest"),
        ("docker-daemon:registry.test/app:1", "docker-daemon:registry.test/app:1"),
        (f"docker-daemon:app:1@sha256:{HEX}", f"docker-daemon:docker.io/library/app:1@sha256:{HEX}"),
        (f"docker-daemon:sha256:{HEX}", f"docker-daemon:sha256:{HEX}"),
        (f"docker-daemon:sha256:{HEX}@sha256:{HEX}", f"docker-daemon:sha256:{HEX}@sha256:{HEX}"),
    ],
)
def test_a_reference_means_what_docker_takes_it_for(written: str, full: str) -> None:
    assert str(parse_reference(written)) == full
    assert parse_reference(full) == parse_reference(written)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        " nginx",
        "nginx ",
        "nginx\n",
        "ngi nx",
        "nginx\0",
        "nginx\u202e",
        "Nginx",
        "registry.test/App",
        "nginx:",
        "nginx:-1",
        "nginx:.1",
        "nginx:a b",
        "nginx:ü",
        "nginx:" + "x" * 129,
        "nginx:1:2",
        "nginx@",
        "nginx@sha256",
        f"nginx@sha256:{HEX[:-1]}",
        f"nginx@sha256:{HEX.upper()}",
        f"nginx@md5:{HEX[:32]}",
        f"nginx@sha256:{HEX}@sha256:{HEX}",
        f"@sha256:{HEX}",
        f"{HEX}@{HEX}",
        "a//b",
        "/nginx",
        "nginx/",
        "registry.test/",
        "registry.test//app",
        "registry.test/../app",
        "registry.test/.app",
        "registry.test/app_",
        "registry.test/a___b",
        "registry.test/a..b",
        "registry.test/a?b",
        "registry.test/a%2fb",
        "registry.test/a#b",
        "user:secret@registry.test/app",
        "https://registry.test/app",
        "registry..test/app",
        "-registry.test/app",
        "registry.test./app",
        "registry_.test/app",
        "registry.test:/app",
        "registry.test:65536/app",
        "registry.test:123456/app",
        "registry.test:5a/app",
        "[::1/app",
        "[::1%eth0]/app",
        "[zz]:5000/app",
        "registry.test/" + "a" * 250,
        "registry.test/" + "a/" * 1_000_000 + "a",
        "oci:",
        "oci::1",
        "oci:/a/b:",
        "oci:/a/b:-1",
        "oci:/a/b:a b",
        "docker-archive:",
        "docker-archive::app:1",
        "docker-archive:image.tar:",
        "docker-archive:image.tar:App",
        "docker-archive:image.tar:@",
        "docker-archive:image.tar:@-1",
        "docker-archive:image.tar:@01",
        "docker-archive:image.tar:@123456",
        "docker-archive:image.tar:app@1",
        "docker-daemon:",
        "docker-daemon:App",
        f"docker-daemon:sha256:{HEX}:1",
        "containers-storage:app",
        "oci-archive:image.tar",
        "dir:/a",
    ],
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    start = time.process_time()
    with pytest.raises(ValueError, match=r".+") as refusal:
        parse_reference(text)
    assert len(str(refusal.value)) < 1000
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("tag", "own", "where"),
    [
        ("docker-archive:out.tar", "docker-archive:a.tar:app:1", "docker-archive:out.tar:docker.io/library/app:1"),
        ("docker-archive:out.tar", "registry.test/app:1", "docker-archive:out.tar:registry.test/app:1"),
        ("docker-archive:out.tar", "docker-daemon:app:1", "docker-archive:out.tar:docker.io/library/app:1"),
        ("docker-archive:out.tar:@0", "docker-archive:a.tar:@0", "docker-archive:out.tar:@0"),
        ("docker-archive:out.tar:b:2", "docker-archive:a.tar:app:1", "docker-archive:out.tar:docker.io/library/b:2"),
        ("registry.test/app:2", "docker-archive:a.tar:@0", "registry.test/app:2"),
    ],
)
def test_a_file_alone_takes_the_image_s_own_name(tag: str, own: str, where: str) -> None:
    assert str(destination(parse_reference(tag), parse_reference(own))) == where


def test_a_bare_tag_in_an_archive_is_one_of_the_image_s_own_name() -> None:
    own = parse_reference("docker-archive:a.tar:localhost:5000/app:1")
    assert str(own.with_tag("2")) == "docker-archive:a.tar:localhost:5000/app:2"
    assert (own.plain_tag, parse_reference("app:1").plain_tag) == ("1", "1")
    nameless = parse_reference("docker-archive:a.tar")
    assert destination(nameless.with_tag("2"), own) == own.with_tag("2")


@pytest.mark.parametrize(
    "own", ["docker-archive:a.tar:@0", "docker-archive:a.tar", "oci:a:1", f"docker-daemon:sha256:{HEX}"]
)
def test_an_image_without_a_name_cannot_give_it_to_a_result(own: str) -> None:
    with pytest.raises(ValueError, match="under which name"):
        destination(parse_reference("docker-archive:out.tar"), parse_reference(own))


def test_upper_case_is_explained() -> None:
    with pytest.raises(ValueError, match="repository names are lower-case"):
        parse_reference("registry.test/App")


def test_name_and_host_together_have_at_most_255_characters() -> None:
    assert parse_reference("registry.test/" + "a" * 241).repository.path == "a" * 241
    with pytest.raises(ValueError, match="more than 255 characters"):
        parse_reference("registry.test/" + "a" * 242)


def test_the_parts_of_a_reference() -> None:
    reference = parse_reference(f"registry.test:5000/shop/app:1.2@sha256:{HEX}")
    assert reference == Reference(
        Repository(Transport.REGISTRY, "registry.test:5000", "shop/app"), "1.2", Digest(f"sha256:{HEX}")
    )
    assert str(reference.repository) == "registry.test:5000/shop/app"
    assert str(reference.with_tag("2")) == "registry.test:5000/shop/app:2"
    assert str(reference.with_tag("2").with_digest(Digest(f"sha256:{HEX}"))).endswith(f"app:2@sha256:{HEX}")
    layout = parse_reference("oci:/a/b:1")
    assert layout == Reference(Repository(Transport.OCI_LAYOUT, "", "/a/b"), "1")


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("docker.io/library/nginx:1", "nginx:1"),
        ("docker.io/grafana/loki:1", "grafana/loki:1"),
        ("docker.io/library/library/nginx:1", "library/nginx:1"),
        ("registry.test/library/nginx:1", "registry.test/library/nginx:1"),
        ("oci:/a:1", "oci:/a:1"),
    ],
)
def test_people_leave_the_hub_out(full: str, short: str) -> None:
    assert familiar(parse_reference(full)) == short


@pytest.mark.parametrize(
    ("text", "valid"), [("1.2", True), ("_", True), ("", False), ("-a", False), ("a/b", False), ("a\n", False)]
)
def test_tags(text: str, *, valid: bool) -> None:
    assert is_tag(text) is valid


_component = st.from_regex(r"[a-z0-9]{1,4}((\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}", fullmatch=True)
_host = st.from_regex(
    r"([A-Za-z0-9]{1,5}\.[A-Za-z0-9]{1,5}|localhost|\[[0-9a-f]{0,3}::[0-9a-f]{1,3}\])(:[1-9][0-9]{0,3})?",
    fullmatch=True,
)
_tag = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,10}", fullmatch=True)
_digest = st.just(f"sha256:{HEX}")


@given(st.none() | _host, st.lists(_component, min_size=1, max_size=3), st.none() | _tag, st.none() | _digest)
def test_a_reference_reads_as_it_is_written(
    host: str | None, path: list[str], tag: str | None, digest: str | None
) -> None:
    text = f"{host}/" if host else "shop/"
    text += "/".join(path) + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    reference = parse_reference(text)
    assert parse_reference(str(reference)) == reference
    assert reference.digest == digest
    assert reference.tag == (tag or (None if digest else "latest"))


@given(st.text(max_size=40))
def test_any_text_is_refused_or_reads_as_it_is_written(text: str) -> None:
    try:
        reference = parse_reference(text)
    except ValueError:
        return
    assert parse_reference(str(reference)) == reference


@given(st.from_regex(r"oci:[a-z./@: -]{1,12}(:[A-Za-z0-9._:@/+-]{1,10})?", fullmatch=True))
def test_a_layout_s_reference_reads_as_it_is_written(text: str) -> None:
    try:
        reference = parse_reference(text)
    except ValueError:
        return
    assert parse_reference(str(reference)) == reference
