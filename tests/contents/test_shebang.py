import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.shebang import Shebang, read_shebang


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (b"#!/bin/sh\n", Shebang("/bin/sh", "", "/bin/sh")),
        (b"#!/bin/sh", Shebang("/bin/sh", "", "/bin/sh")),
        (b"#! \t/bin/bash  -e -u \t\nls", Shebang("/bin/bash", "-e -u", "/bin/bash")),
        (b"#!/bin/sh\r\n", Shebang("/bin/sh\r", "", "/bin/sh\r")),
        (b"#!/bin/sh -e\r\n", Shebang("/bin/sh", "-e\r", "/bin/sh")),
        (b"#!python\n", Shebang("python", "", "python")),
        (b"#!/bin/sh\0 -x\n", Shebang("/bin/sh", "", "/bin/sh")),
        (b"#!/bin/sh -x\0y\n", Shebang("/bin/sh", "-x", "/bin/sh")),
        (b"#!/bin/\xff\n", Shebang("/bin/\udcff", "", "/bin/\udcff")),
    ],
)
def test_the_kernel_s_rules(first: bytes, expected: Shebang) -> None:
    assert read_shebang(first) == expected


@pytest.mark.parametrize(
    "first", [b"", b"#", b"!#/bin/sh\n", b"\x7fELF", b"#!\n", b"#! \t \n", b" #!/bin/sh\n", b"#!\0\n"]
)
def test_no_script(first: bytes) -> None:
    assert read_shebang(first) is None


def test_a_name_that_256_bytes_cut_off_is_not_started() -> None:
    fits = b"#!/" + b"a" * 252 + b"\n"
    assert read_shebang(fits) == Shebang("/" + "a" * 252, "", "/" + "a" * 252)
    assert read_shebang(b"#!/" + b"a" * 253) is None
    assert read_shebang(b"#!/" + b"a" * 300 + b"\n") is None
    cut = read_shebang(b"#!/bin/sh " + b"a" * 300 + b"\n")
    assert cut == Shebang("/bin/sh", "a" * 245, "/bin/sh")


@pytest.mark.parametrize("length", [252, 253, 254, 255, 256, 257])
@pytest.mark.parametrize("end", ["", "\n", " ", " -x", " -x\n"])
def test_the_kernel_of_this_machine_agrees_at_the_edge(length: int, end: str, tmp_path: Path) -> None:
    interpreter = f"{tmp_path}/".ljust(length - 2, "x")
    Path(interpreter).symlink_to("/bin/true")
    script = tmp_path / "script"
    script.write_text(f"#!{interpreter}{end}")
    script.chmod(0o755)
    try:
        subprocess.run([script], check=True)
        started = True
    except OSError:
        started = False
    found = read_shebang(script.read_bytes())
    assert (found is not None and found.interpreter == interpreter) == started


@pytest.mark.parametrize(
    ("argument", "program"),
    [
        ("python3", "python3"),
        ("/opt/bin/python", "/opt/bin/python"),
        ("python3 -u", "python3 -u"),  # one word to the kernel: env looks for a program of that name
        ("python3\r", "python3\r"),
        ("-S python3 -u", "python3"),
        ("-Spython3 -u", "python3"),
        ("-iS python3", "python3"),
        ("-vS python3", "python3"),
        ("--split-string=python3 -u", "python3"),
        ("-S A=1 B=2 node --x", "node"),
        ("-S -i A=1 node", "node"),
        ("-S A=1 -i node", "-i"),  # no option after the first assignment
        ("-S -u HOME node", "node"),
        ("-S -uHOME node", "node"),
        ("-S --unset HOME node", "node"),
        ("-S --unset=HOME node", "node"),
        ("-S -C /tmp node", "node"),
        ("-S -- A=1 node", "node"),
        ("-S - node", "node"),
        ('-S -S"node -x"', "node"),
        ("-S 'my node' x", "my node"),
        (r"-S my\_node", "my"),
        (r'-S "my\_node"', "my node"),
        (r"-S node\c -x", "node"),
        ("-S #node", ""),
        ("-S A#b", "A#b"),
        (r"-S 'it\'s'", "it's"),
        (r"-S 'a\b'", r"a\b"),
        ("-S ${HOME}/node x", ""),
        ("-S A=${HOME} node", "node"),
        ("-S $HOME/node", ""),
        (r"-S a\qb", ""),
        ('-S "node', ""),
        ("-S ''", ""),
        ("-S", ""),
        ("-S -u", ""),
        ("-i", ""),
        ("-", ""),
        ("A=1", ""),
        ("", ""),
    ],
)
def test_env_looks_for(argument: str, program: str) -> None:
    found = read_shebang(f"#!/usr/bin/env {argument}\n".encode())
    assert found == Shebang("/usr/bin/env", argument, program)


@pytest.mark.parametrize(
    "argument",
    [
        "-S printf [%s]",
        r"-S printf [%s]\_x A#b #c",
        "-S A=1 printf %s",
        "-S -u HOME printf '[%s]'",
        '-S -S"printf [%s]"',
        "-S -- A=1 printf %s",
        "printf",
        "printf [%s]",
        "-S A=1 -i printf",
    ],
)
def test_env_of_this_machine_agrees(argument: str, tmp_path: Path) -> None:
    """A `printf` that tells that it was started lies first in PATH; env fails where no such program was looked for."""
    marker = tmp_path / "printf"
    marker.write_text("#!/bin/sh\necho started\n")
    marker.chmod(0o755)
    script = tmp_path / "script"
    script.write_text(f"#!/usr/bin/env {argument}\n")
    script.chmod(0o755)
    ran = subprocess.run(
        [script], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    found = read_shebang(script.read_bytes())
    assert found is not None
    assert (ran.stdout == "started\n") == (found.program == "printf")


@given(st.lists(st.sampled_from([b" ", b"\t", b"printf", b"x", b"\r", b"/", b"a" * 90, b"\n"]), max_size=6))
def test_the_interpreter_is_the_first_word_as_it_stands(pieces: list[bytes]) -> None:
    line = b"#!" + b"".join(pieces) + b"\n"
    found = read_shebang(line)
    assert found is None or line[2:].lstrip(b" \t").startswith(found.interpreter.encode())
    assert found is None or not set(found.interpreter) & {" ", "\t", "\n"}


@given(st.binary(max_size=600) | st.binary(max_size=300).map(lambda raw: b"#!/usr/bin/env -S" + raw))
def test_any_bytes_have_an_answer(first: bytes) -> None:
    found = read_shebang(first)
    assert found is None or found.interpreter
    assert read_shebang(first[:256]) == found
