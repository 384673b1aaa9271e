import pytest

from rebaser.oci.annotations import BASE_DIGEST, BASE_NAME
from rebaser.oci.digest import Digest
from rebaser.oci.reference import Scratch, parse_reference
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.candidates import (
    MAX_MATERIALS,
    Candidate,
    Sayings,
    find_candidates,
    recorded_digest,
)

A, B = Digest("sha256:" + "a" * 64), Digest("sha256:" + "b" * 64)


def labelled(**notes: str) -> Candidate:
    labels = {
        key: value for key, value in ((BASE_NAME, notes.get("name")), (BASE_DIGEST, notes.get("digest"))) if value
    }
    (candidate,) = find_candidates(Sayings((), labels))
    return candidate


def material(uri: Json, digests: Json = None) -> tuple[Candidate, ...]:
    statement: JsonObject = {"predicate": {"materials": [{"uri": uri, "digest": digests}]}}
    return find_candidates(Sayings((), {}, (statement,)))


def test_nothing_is_said() -> None:
    assert find_candidates(Sayings((("annotation", {}),), {"other": "x", BASE_NAME: ""})) == ()


def test_the_nearest_saying_comes_first_and_each_base_once() -> None:
    near, far = {BASE_NAME: "debian:12", BASE_DIGEST: A}, {BASE_NAME: "ubuntu:24.04"}
    found = find_candidates(Sayings((("annotation", near), ("annotation of the index", far)), near))
    assert [(candidate.found, str(candidate.name)) for candidate in found] == [
        ("annotation", "docker.io/library/debian:12"),
        ("annotation of the index", "docker.io/library/ubuntu:24.04"),
    ]


def test_a_base_is_looked_for_by_its_digest_and_followed_by_its_name() -> None:
    candidate = labelled(name="debian:12", digest=A)
    assert str(candidate.place) == f"docker.io/library/debian:12@{A}"
    assert str(candidate.successor) == "docker.io/library/debian:12"


def test_a_name_with_a_digest_in_it_has_no_successor() -> None:
    candidate = labelled(name=f"debian@{A}")
    assert (candidate.digest, candidate.successor) == (A, None)
    assert str(candidate.place) == f"docker.io/library/debian@{A}"


def test_a_digest_alone_has_no_place() -> None:
    candidate = labelled(digest=A)
    assert (candidate.place, candidate.successor, candidate.digest) == (None, None, A)


def test_scratch_needs_no_digest() -> None:
    candidate = labelled(name="scratch", digest=A)
    assert candidate == Candidate("label", Scratch.SCRATCH)
    assert (candidate.place, candidate.successor) == (None, None)


@pytest.mark.parametrize(("name", "digest"), [("not a name", ""), ("debian:12", "sha256:abc"), ("UPPER:x", "")])
def test_a_saying_that_is_not_understood_is_a_problem(name: str, digest: str) -> None:
    candidate = labelled(name=name, digest=digest)
    assert candidate.problem
    assert candidate.place is None


@pytest.mark.parametrize(
    ("uri", "digests", "expected"),
    [
        ("pkg:docker/debian@12?platform=linux%2Famd64", {"sha256": "a" * 64}, f"docker.io/library/debian:12@{A}"),
        ("pkg:docker/bitnami/redis@7", {"sha256": "a" * 64}, f"docker.io/bitnami/redis:7@{A}"),
        ("pkg:docker/ghcr.io/a/b@1", {"sha256": "a" * 64}, f"ghcr.io/a/b:1@{A}"),
        (f"pkg:docker/debian@12?digest={A}", None, f"docker.io/library/debian:12@{A}"),
        (f"pkg:docker/debian@{A}", None, f"docker.io/library/debian@{A}"),
        ("pkg:docker/debian", {"sha256": "a" * 64}, f"docker.io/library/debian:latest@{A}"),
        ("pkg:docker/a/b@1?repository_url=quay.io", {"sha256": "a" * 64}, f"quay.io/a/b:1@{A}"),
        ("pkg:docker/localhost%3A5000/a@1", {"sha256": "a" * 64}, f"localhost:5000/a:1@{A}"),
    ],
)
def test_provenance_names_images(uri: str, digests: Json, expected: str) -> None:
    (candidate,) = material(uri, digests)
    assert (candidate.found, str(candidate.place)) == ("provenance", expected)


@pytest.mark.parametrize(
    ("uri", "digests"),
    [
        ("pkg:docker/debian@12", None),
        ("pkg:docker/debian@12", {"sha256": 1}),
        ("pkg:docker/debian@12", {"sha256": "short"}),
        ("pkg:docker/UPPER CASE@12", {"sha256": "a" * 64}),
        ("pkg:deb/debian@12", {"sha256": "a" * 64}),
        ("https://example.org/x.tar", {"sha256": "a" * 64}),
        ("pkg:docker/debian@12?" + "&".join(f"k{number}=v" for number in range(20)), {"sha256": "a" * 64}),
        (1, None),
        (None, None),
    ],
)
def test_a_material_that_is_no_image_is_passed_over(uri: Json, digests: Json) -> None:
    assert material(uri, digests) == ()


def test_newer_provenance_has_another_shape() -> None:
    dependencies: list[Json] = [{"uri": "pkg:docker/debian@12", "digest": {"sha256": "b" * 64}}]
    statement: JsonObject = {"predicate": {"buildDefinition": {"resolvedDependencies": dependencies}}}
    (candidate,) = find_candidates(Sayings((), {}, (statement,)))
    assert candidate.digest == B


@pytest.mark.parametrize(
    "statement", [{}, {"predicate": 1}, {"predicate": {"materials": {}}}, {"predicate": {"materials": [1]}}]
)
def test_a_statement_of_another_shape_says_nothing(statement: JsonObject) -> None:
    assert find_candidates(Sayings((), {}, (statement,))) == ()


def test_only_so_many_materials_are_read() -> None:
    many: list[Json] = [{"uri": f"pkg:docker/debian@{at}", "digest": {"sha256": "a" * 64}} for at in range(100)]
    assert len(find_candidates(Sayings((), {}, ({"predicate": {"materials": many}},)))) == MAX_MATERIALS


def test_only_annotations_record() -> None:
    sayings = Sayings(
        (("annotation", {BASE_DIGEST: "bad"}), ("annotation of the index", {BASE_DIGEST: A})), {BASE_DIGEST: B}
    )
    assert recorded_digest(sayings) == A
    assert recorded_digest(Sayings((), {BASE_DIGEST: B})) is None
    assert {candidate.digest for candidate in find_candidates(sayings)} == {None, A, B}


def test_a_candidate_of_our_own_making() -> None:
    assert Candidate("input", parse_reference("debian:12")).place == parse_reference("debian:12")
