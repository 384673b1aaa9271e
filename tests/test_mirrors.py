"""What is written twice says the same twice: inputs, exit codes, checks, error codes, files, the report's schema.

`python -m tests.test_mirrors` writes docs/report.schema.json anew.
"""

import ast
import io
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from rebaser import errors
from rebaser.checks.base import Check
from rebaser.checks.identifiers import ALL_CHECKS
from rebaser.ci.arguments import parse_arguments
from rebaser.ci.inputs import INPUTS, Input
from rebaser.ci.local import Local
from rebaser.commands.base import Surroundings
from rebaser.commands.dispatch import INTERRUPTED
from rebaser.main import main
from rebaser.report.model import Report
from rebaser.report.outputs import OUTPUTS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "rebaser"
CHECK_FILES = sorted(path for path in (PACKAGE / "checks").glob("*.py") if "\nCHECK = " in path.read_text("utf-8"))
CHECK_IDS = [path.stem.replace("_", "-") for path in CHECK_FILES]
SCHEMA = ROOT / "docs" / "report.schema.json"
CHECK_LIST = ROOT / "docs" / "checks.md"
SECTIONS_OF_A_CHECK = ["What it finds", "Why it matters", "Example", "Remedy"]

RAISED_AS: dict[str, type[errors.RebaserError]] = {
    "TransportError": errors.TransportError,
    "ImageError": errors.ImageError,
    "RebuildError": errors.RebuildError,
    "RebaserError": errors.RebaserError,
}
"""Errors that are raised with a code; the others of the tree have one of their own."""


def text(*path: str) -> str:
    return ROOT.joinpath(*path).read_text("utf-8")


def section(document: str, heading: str) -> str:
    """Return what stands between `heading` and the next one of its level or above."""
    match = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,2}} |\Z)", document, re.MULTILINE | re.DOTALL)
    assert match, f"there is no section {heading!r}"
    return match[2]


def rows(table: str) -> list[list[str]]:
    """Return the cells of a Markdown table, without its head."""
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


# Inputs


def test_the_readme_lists_exactly_the_inputs_with_their_defaults() -> None:
    listed = [(row[0].strip("`"), row[1]) for row in rows(section(text("README.md"), "Inputs"))]
    assert listed == [(known.name, "required" if known.name == "image" else known.default) for known in INPUTS]


def test_the_readme_explains_every_input() -> None:
    assert [row[0] for row in rows(section(text("README.md"), "Inputs")) if not row[2]] == []


@pytest.mark.parametrize("name", [known.name for known in INPUTS])
def test_every_input_is_a_flag_of_rebase(name: str) -> None:
    argv = ["rebase", "some-value"] if name == "image" else ["rebase", f"--{name}=some-value"]
    assert parse_arguments(argv).texts == {name: "some-value"}


# Exit codes


def exit_codes() -> set[int]:
    kinds: list[type[errors.RebaserError]] = [errors.InputError, errors.InternalError, *RAISED_AS.values()]
    return {kind.exit_code for kind in kinds}


def test_the_readme_lists_exactly_the_exit_codes() -> None:
    listed = [int(row[0]) for row in rows(section(text("README.md"), "Exit codes"))]
    assert listed == sorted({0, 1, INTERRUPTED} | exit_codes())


def test_the_action_has_exactly_the_inputs_of_the_code() -> None:
    inputs = action()["inputs"]
    assert list(inputs) == [known.name for known in INPUTS]
    assert [name for name, told in inputs.items() if told.get("required")] == ["image"]
    assert {name: told["default"] for name, told in inputs.items() if "default" in told} == {
        "github-token": "${{ github.token }}"
    }


@pytest.mark.parametrize("known", [known for known in INPUTS if known.default], ids=lambda known: known.name)
def test_the_action_tells_the_default_that_the_code_has(known: Input[object]) -> None:
    told = action()["inputs"][known.name]["description"]
    words = {"base.name found on the image": "what the name of the image's base means now"}
    words |= {"found on the image": "what the image itself says", "own tag": "the image's own tag"}
    words |= {"loopback only": "Loopback always may", "GITHUB_TOKEN": "The job's token"}
    assert words.get(known.default, f"Without it, {known.default}.") in told


def action() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text("action.yml"))
    return found


# Outputs


def test_action_readme_and_code_have_the_same_outputs() -> None:
    listed = [row[0].strip("`") for row in rows(section(text("README.md"), "Outputs"))]
    assert listed == list(action()["outputs"]) == list(OUTPUTS)


def test_the_readme_explains_an_output_as_the_code_does() -> None:
    told = {row[0].strip("`"): row[1] for row in rows(section(text("README.md"), "Outputs"))}
    assert told == dict(OUTPUTS)


# Checks


def test_every_check_is_in_the_catalog() -> None:
    assert sorted(check.id for check in ALL_CHECKS) == sorted(CHECK_IDS)


@pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.id)
def test_every_check_is_documented(check: Check) -> None:
    page = text("docs", "checks", f"{check.id}.md")
    assert page.startswith(f"# {check.id}\n\n**Severity:** ")
    assert "**Can it be tolerated?**" in page
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == SECTIONS_OF_A_CHECK


def test_no_page_is_of_a_check_that_is_gone() -> None:
    assert sorted(path.stem for path in (ROOT / "docs" / "checks").glob("*.md")) == sorted(CHECK_IDS)


def test_the_list_of_checks_is_what_their_pages_and_titles_say() -> None:
    assert CHECK_LIST.read_text("utf-8") == written_list()


def written_list() -> str:
    """All checks in the order in which people see them, each with its page's severity and its title."""
    rows = [f"| [{check.id}](checks/{check.id}.md) | {_severity(check.id)} | {check.title} |" for check in ALL_CHECKS]
    return "\n".join(
        (
            "# Checks",
            "",
            "Judged on the rebased image, minus what was already wrong in the original. A finding that can be neither",
            "tolerated nor forced is *final*; its page says so. What is promised is what the second column says.",
            "",
            "| check | severity | what holds when it passes |",
            "| --- | --- | --- |",
            *rows,
            "",
        )
    )


def _severity(check: str) -> str:
    told = re.search(r"\*\*Severity:\*\* ([^.*]+)\.", text("docs", "checks", f"{check}.md"))
    assert told, check
    return " ".join(told[1].split())


@pytest.mark.parametrize("path", CHECK_FILES, ids=lambda path: path.stem)
def test_every_check_has_tests(path: Path) -> None:
    assert (ROOT / "tests" / "checks" / f"test_{path.name}").is_file()


@pytest.mark.parametrize("path", CHECK_FILES, ids=lambda path: path.stem)
def test_checks_do_not_import_each_other(path: Path) -> None:
    imported = {module for module in imports(path) if module.startswith("rebaser.checks")}
    assert imported <= {f"rebaser.checks.{shared}" for shared in ("base", "paths", "wording")}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
            yield from (f"{node.module}.{name.name}" for name in node.names if node.module == "rebaser.checks")


# Error codes


def codes_in_the_source() -> dict[str, int]:
    """Return every code that an error is raised with, and the exit code that it leads to."""
    found = {code: kind.exit_code for path in PACKAGE.rglob("*.py") for code, kind in codes_of(path)}
    found["image-not-found"] = errors.ImageNotFound("", "").exit_code
    found["input-invalid"] = errors.InputError().exit_code
    found["bug"] = errors.InternalError("").exit_code
    found["interrupted"] = errors.Interrupted().exit_code
    return found


def codes_of(path: Path) -> Iterator[tuple[str, type[errors.RebaserError]]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED_AS and node.args:
            yield from ((code, RAISED_AS[node.func.id]) for code in strings(node.args[0]))


def strings(node: ast.expr) -> Iterator[str]:
    """Return the text that an expression is, or the two between which it chooses; no other form is read."""
    if isinstance(node, ast.IfExp):
        yield from strings(node.body)
        yield from strings(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def test_the_errors_that_have_a_code_of_their_own_are_known_here() -> None:
    assert errors.ImageNotFound("", "").code == "image-not-found"
    assert errors.InputError().code == "input-invalid"
    assert errors.InternalError("").code == "bug"


def test_codes_are_found_in_the_source() -> None:
    found = codes_in_the_source()
    assert found["tag-moved"] == 3
    assert found["manifest-refused"] == found["manifest-blob-unknown"] == 3
    assert found["digest-mismatch"] == 4


def test_every_error_code_is_documented_and_no_other() -> None:
    documented = re.findall(r"^## (.*)$", text("docs", "errors.md"), re.MULTILINE)
    assert sorted(documented) == sorted(codes_in_the_source())


@pytest.mark.parametrize(("code", "exit_code"), sorted(codes_in_the_source().items()))
def test_the_documentation_of_an_error_tells_its_exit_code_and_what_to_do(code: str, exit_code: int) -> None:
    told = section(text("docs", "errors.md"), code)
    assert re.findall(r"^\*\*(.*?):\*\*", told, re.MULTILINE) == ["Exit code", "Meaning", "Usual cause", "Remedy"]
    assert f"**Exit code:** {exit_code}\n" in told


# Kinds of conflicts

MAKES_A_CONFLICT = {"Conflict", "blocker", "_conflict", "_whole"}


def kinds_in_the_source() -> set[str]:
    """Return every kind of conflict; in `f"inherited-{...}"` stands a member of the config."""
    texts = {text for path in (PACKAGE / "plan").glob("*.py") for text in kinds_of(path)}
    return {text.replace("*", member) for text in texts for member in ("workingdir", "user")}


def kinds_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKES_A_CONFLICT:
            parts = node.args[0].values if isinstance(node.args[0], ast.JoinedStr) else node.args[:1]
            told = [part.value if isinstance(part, ast.Constant) else "*" for part in parts]
            if told != ["*"]:
                yield "".join(map(str, told))


def test_every_kind_of_conflict_is_documented_and_no_other() -> None:
    paragraph = re.search(
        r"^A conflict has a \*kind\*.*?\n\n", text("docs", "how-it-works.md"), re.MULTILINE | re.DOTALL
    )
    assert paragraph
    documented = set(re.findall(r"`([a-z-]+)`", paragraph[0]))
    assert documented == kinds_in_the_source()


# The report


def written_schema() -> str:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Report.model_json_schema()}
    return json.dumps(schema, indent=2) + "\n"


def test_the_schema_file_is_the_model_s() -> None:
    assert text("docs", "report.schema.json") == written_schema(), "renew it with `python -m tests.test_mirrors`"


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(written_schema()))


def test_the_readme_lists_the_files_that_a_run_writes(tmp_path: Path) -> None:
    listed = [row[0].strip("`") for row in rows(section(text("README.md"), "What it writes"))]
    here = Surroundings({"REBASE_REPORT_DIR": str(tmp_path / "report")}, Local(io.StringIO(), io.StringIO()))
    assert main(["rebase", f"oci:{tmp_path / 'absent'}:1"], here) == 3
    assert listed == sorted((path.name for path in (tmp_path / "report").iterdir()), key=listed.index)


# Links, and what no file says


def files() -> list[Path]:
    """Return every file that is, or could be, in version control."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def pages() -> list[Path]:
    return [path for path in files() if path.suffix == ".md"]


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    page = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", page):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


def anchors(path: Path) -> set[str]:
    page = path.read_text("utf-8")
    headings = re.findall(r"^#+ (?:<a.*?</a>)?(.*)$", page, re.MULTILINE)
    made = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a name="([^"]+)">', page))


PACKAGE_HOSTS = (
    r"pypi\.org",
    r"pythonhosted\.org",
    r"registry\.npmjs\.(?:org|com)",
    r"registry\.yarnpkg\.com",
    r"(?:index|static)\.crates\.io",
    r"(?:proxy|sum)\.golang\.org",
    r"repo1?\.maven\.(?:apache\.)?org",
    r"rubygems\.org",
    r"(?:deb|security|snapshot|ftp)\.debian\.org",
    r"(?:archive|security|ports)\.ubuntu\.com",
    r"dl-cdn\.alpinelinux\.org",
)
INDEX_OPTION = r"(?i:(?:index[-_]url|find[-_]links|npm_config_registry|goproxy)[ =:]+[\"']?https?://)"
MACHINE_PATHS = (r"/root/", r"/work/")


INDEX_VARIABLES = {"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "GOPROXY"}
INDEX_FILES = ("/etc/pip.conf", "~/.config/pip/pip.conf", "~/.pip/pip.conf", "~/.npmrc", "/etc/apt/sources.list")
APT_FILES = Path("/etc/apt/sources.list.d")
CODE_HOSTS = {"localhost", "github.com", "gitlab.com"}  # they may serve packages too, and can't be avoided


def hosts_of_this_machine() -> tuple[str, ...]:
    """Return where this machine's package managers are told to go: no file may say that either."""
    told = [value for name, value in os.environ.items() if name.upper() in INDEX_VARIABLES]  # noqa: TID251
    paths = [
        *(Path(name).expanduser() for name in INDEX_FILES),
        *APT_FILES.glob("*.sources"),
        *APT_FILES.glob("*.list"),
    ]
    told += [path.read_text("utf-8", "replace") for path in paths if path.is_file()]
    hosts = set(re.findall(r"https?://(?:[^\s/@]*@)?([\w.-]+)", " ".join(told))) - CODE_HOSTS
    return tuple(re.escape(host) for host in sorted(hosts) if not host.startswith("127."))


def test_no_file_names_a_host_of_a_package_registry_or_a_path_of_a_machine() -> None:
    forbidden = re.compile("|".join((*PACKAGE_HOSTS, INDEX_OPTION, *MACHINE_PATHS, *hosts_of_this_machine())))
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]}"
        for path in files()
        if path != Path(__file__)
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), start=1)
        if (match := forbidden.search(line))
    ]
    assert found == []


if __name__ == "__main__":
    SCHEMA.write_text(written_schema(), "utf-8")
    CHECK_LIST.write_text(written_list(), "utf-8")
