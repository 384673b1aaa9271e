"""What each instruction leaves in the history of an image, by either builder.

Where the classic builder writes something other than `/bin/sh -c #(nop)  ` and BuildKit's text, it stands in `classic`.
A star takes the place of a digest.
"""

from dataclasses import dataclass

from tests.images.engine import Builder

_NOTHING_RAN = "/bin/sh -c #(nop) "


@dataclass(frozen=True)
class Trace:
    """An instruction and its trace; none at all if `buildkit` is empty."""

    instruction: str
    buildkit: str
    classic: str | None = None
    layer_of: frozenset[Builder] = frozenset()

    def text(self, builder: Builder) -> str:
        if builder is Builder.BUILDKIT:
            return self.buildkit
        return f"{_NOTHING_RAN} {self.buildkit}" if self.classic is None else self.classic

    def has_layer(self, builder: Builder) -> bool:
        return builder in self.layer_of


def _files(instruction: str, buildkit: str, classic: str) -> Trace:
    return Trace(instruction, f"{buildkit} # buildkit", _NOTHING_RAN + classic, frozenset(Builder))


def _run(instruction: str, command: str, arguments: str = "", sorted_arguments: str = "") -> Trace:
    return Trace(
        f"RUN {instruction}",
        f"RUN {arguments}{command} # buildkit",
        f"{sorted_arguments}{command}",
        frozenset(Builder),
    )


def _directory(instruction: str, path: str, *builders: Builder) -> Trace:
    return Trace(f"WORKDIR {instruction}", f"WORKDIR {path}", f"{_NOTHING_RAN}WORKDIR {path}", frozenset(builders))


_CHECK_TEXT = """HEALTHCHECK &{["CMD-SHELL" "cat /x || exit 1"] "5s" "3s" "0s" '\\x02'}"""
_CHECK_LIST = """HEALTHCHECK &{["CMD" "cat" "/y"] "0s" "0s" "1m30s" '\\n'}"""
_CHECK_NONE = """HEALTHCHECK &{["NONE"] "0s" "0s" "0s" '\\x00'}"""

TRACES = (
    Trace("MAINTAINER Jane Doe <jane@example.org>", "MAINTAINER Jane Doe <jane@example.org>"),
    Trace("ENV A=1 B='two words' C='a \"b\"' D=back\\ slash", 'ENV A=1 B=two words C=a "b" D=back slash'),
    Trace("ENV OLD old  form", "ENV OLD=old  form"),
    Trace("ENV EMPTY= F=$A/x", "ENV EMPTY= F=1/x"),
    Trace("ENV PATH=/app:$PATH", "ENV PATH=/app:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
    Trace('LABEL l1=v1 "l2"="with blank" l3="q\\"uote" l4=', 'LABEL l1=v1 l2=with blank l3=q"uote l4='),
    Trace(
        "EXPOSE 80 53/udp 1000-1001",
        "EXPOSE map[1000/tcp:{} 1001/tcp:{} 53/udp:{} 80/tcp:{}]",
        f"{_NOTHING_RAN} EXPOSE 1000-1001 53/udp 80",
    ),
    Trace("VOLUME /v1 /v2", "VOLUME [/v1 /v2]"),
    Trace('VOLUME ["/v3", "/v 4"]', "VOLUME [/v3 /v 4]"),
    _directory("/made", "/made", *Builder),
    _directory("below", "/made/below", *Builder),
    _directory("/made", "/made", Builder.BUILDKIT),
    _directory("/", "/"),
    Trace("USER app:app", "USER app:app"),
    Trace('USER ""', "USER "),
    Trace("STOPSIGNAL SIGINT", "STOPSIGNAL SIGINT"),
    Trace("HEALTHCHECK --interval=5s --timeout=3s --retries=2 CMD cat /x || exit 1", _CHECK_TEXT),
    Trace('HEALTHCHECK --start-period=90s --retries=10 CMD ["cat", "/y"]', _CHECK_LIST),
    Trace("HEALTHCHECK NONE", _CHECK_NONE),
    Trace("ONBUILD ENV T=1 U='a b'", "", f"{_NOTHING_RAN} ONBUILD ENV T=1 U='a b'"),
    Trace('CMD echo "quoted" $A', 'CMD ["/bin/sh" "-c" "echo \\"quoted\\" $A"]'),
    Trace('CMD ["x", "y z"]', 'CMD ["x" "y z"]'),
    Trace("ENTRYPOINT exec app $A", 'ENTRYPOINT ["/bin/sh" "-c" "exec app $A"]'),
    Trace("ENTRYPOINT []", "ENTRYPOINT []"),
    _run("touch /one", "/bin/sh -c touch /one"),
    _run("touch /two && \\\n    touch /three", "/bin/sh -c touch /two &&     touch /three"),
    _run('["touch", "/four five"]', "touch /four five"),
    Trace("RUN true", "RUN /bin/sh -c true # buildkit", "/bin/sh -c true", frozenset({Builder.BUILDKIT})),
    _files("COPY a.txt /", "COPY a.txt /", "COPY file:* in / "),
    _files("COPY a.txt b.txt /dst/", "COPY a.txt b.txt /dst/", "COPY multi:* in /dst/ "),
    _files("COPY --chown=1:1 dir /dir", "COPY dir /dir", "COPY --chown=1:1dir:* in /dir "),
    _files("ADD t.tar unpacked/", "ADD t.tar unpacked/", "ADD file:* in unpacked/ "),
    Trace("ARG X=y", "ARG X=y"),
    Trace("ARG Z='a b'", "ARG Z=a b"),
    Trace("ARG B2", "ARG B2"),
    _run("touch /six", "/bin/sh -c touch /six", "|3 X=y Z=a b B2=given ", "|3 B2=given X=y Z=a b "),
)
ARGUMENTS = ("--build-arg=B2=given",)
