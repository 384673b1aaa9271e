"""The bases of the pairs: bare trees, trees with a configuration, and pairs of those that differ in one thing."""

from collections.abc import Mapping

from tests.images.pairs.ingredients import DotnetRuntime
from tests.images.pairs.model import Base
from tests.images.pairs.trees import TREES

_BARE = {
    name: Base(name, 'CMD ["/bin/sh"]\n') for name in TREES if not name.startswith(("builder", "java", "distroless"))
}
_JAVA = {
    f"java-{version}": Base(
        f"java-{version}",
        f"ENV JAVA_HOME=/usr/lib/jvm/{version}\nENV PATH=$JAVA_HOME/bin:$PATH JAVA_VERSION={version}\n",
    )
    for version in (17, 21)
}
_DISTROLESS = {
    name: Base(name, "ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt\nUSER 65532\nWORKDIR /home/nonroot\n")
    for name in TREES
    if name.startswith("distroless")
}
_DOTNET = {
    f"dotnet-{version}": Base(
        "bullseye",
        "COPY dotnet /usr/share/dotnet/\nRUN ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet\n"
        "ENV DOTNET_CLI_TELEMETRY_OPTOUT=1\n",
        ingredients=(DotnetRuntime(version),),
    )
    for version in ("2.1.20", "2.1.23", "3.1.23")
}
_ENTRY = '#!/bin/sh\nexport STARTED_BY=base\nexec "$@"\n'
_ENTRYPOINTS = {
    "entry": Base(
        "bookworm",
        'COPY entry /docker-entrypoint.sh\nENTRYPOINT ["/docker-entrypoint.sh"]\nCMD ["sh"]\n',
        {"entry": _ENTRY},
    ),
    "entry-refreshed": Base(
        "updated",
        'COPY entry /docker-entrypoint.sh\nENTRYPOINT ["/docker-entrypoint.sh"]\nCMD ["sh"]\n',
        {"entry": _ENTRY},
    ),
    "entry-moved": Base(
        "updated",
        'COPY entry /usr/local/bin/docker-entrypoint\nENTRYPOINT ["docker-entrypoint"]\nCMD ["sh"]\n',
        {"entry": _ENTRY},
    ),
}
_VIEWER = "RUN update-alternatives --install /usr/bin/viewer viewer /bin/cat 10"
_SETTINGS = {
    "user-1000": Base("bookworm", "RUN useradd --uid 1000 --create-home app\nUSER app\nWORKDIR /home/app\n"),
    "user-1000-refreshed": Base("updated", "RUN useradd --uid 1000 --create-home app\nUSER app\nWORKDIR /home/app\n"),
    "user-1001": Base("updated", "RUN useradd --uid 1001 --create-home app\nUSER app\nWORKDIR /home/app\n"),
    "user-none": Base("updated", "WORKDIR /home\n"),
    "workdir-app": Base("bookworm", "WORKDIR /app\n"),
    "workdir-srv": Base("updated", "WORKDIR /srv/app\n"),
    "trigger": Base("bookworm", "ONBUILD COPY . /srv/app/\n"),
    "trigger-refreshed": Base("updated", "ONBUILD COPY . /srv/app/\n"),
    "trigger-changed": Base("updated", "ONBUILD COPY . /usr/src/app/\n"),
    "viewer": Base("bookworm", f"{_VIEWER}\n"),
    "viewer-refreshed": Base("updated", f"{_VIEWER}\n"),
    "viewer-more": Base("updated", f"{_VIEWER} && {_VIEWER[4:].replace('/bin/cat 10', '/usr/bin/head 50')}\n"),
    "data-directory": Base("bookworm", "RUN mkdir -p /opt/plugins && echo core > /opt/plugins/core\n"),
    "data-link": Base(
        "updated",
        "RUN mkdir -p /usr/lib/plugins && echo core > /usr/lib/plugins/core && ln -s /usr/lib/plugins /opt/plugins\n",
    ),
    "data-more": Base(
        "updated", "RUN mkdir -p /opt/plugins && echo core > /opt/plugins/core && echo more > /opt/plugins/more\n"
    ),
}

BASES: Mapping[str, Base] = {**_BARE, **_JAVA, **_DISTROLESS, **_DOTNET, **_ENTRYPOINTS, **_SETTINGS}
