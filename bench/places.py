"""A real registry, the images in it, and the proxies before it."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from socket import create_server, gethostbyname, gethostname
from typing import Any

import httpx

from tests.builders import AnImage, AnIndex, a_layer, an_image, an_index
from tests.fakes.registry import FakeRegistry
from tests.fakes.served import serve

PLATFORMS = tuple(
    f"linux/{name}" for name in ("amd64", "arm64", "386", "ppc64le", "s390x", "riscv64", "arm/v6", "arm/v7")
)
_CONFIG = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {directory}}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


@dataclass(frozen=True, slots=True)
class Way:
    """An address of the registry behind `rtt` seconds of latency, and the log of what goes there."""

    address: str
    rtt: float
    log: Path

    def rows(self, since: int) -> list[dict[str, Any]]:
        """Return the requests that were logged after the first `since` bytes of the log."""
        with self.log.open("rb") as file:
            file.seek(since)
            return [json.loads(line) for line in file.read().splitlines()]


@contextmanager
def registry(directory: Path) -> Iterator[tuple[str, str]]:
    """Serve Debian's registry where it is installed, else the tests' own in memory; the value is name and address."""
    program = shutil.which("docker-registry")
    if program is None:
        with serve(FakeRegistry()) as address:
            yield "the tests' own, in memory (docker-registry is not installed)", address
        return
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = directory / "registry.yml"
    config.write_text(_CONFIG.format(directory=directory / "blobs", port=port))
    process = subprocess.Popen((program, "serve", str(config)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(f"http://127.0.0.1:{port}/v2/")
        yield "distribution (docker-registry)", f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def ways(backend: str, latencies: Sequence[float], directory: Path) -> Iterator[dict[float, Way]]:
    """Stand a proxy before the registry for each latency.

    Programs speak to what is called loopback in clear. So the proxies go by this machine's own name, where that leads
    to loopback too; else each has the port of HTTPS on an address of its own, which on most machines takes root.
    """
    name = gethostname().lower()
    own = name != "localhost" and _is_loopback(name)
    numbered = [f"127.77.0.{number}" for number, _ in enumerate(latencies, start=1)]
    places = ["127.0.0.1:0" if own else f"{address}:443" for address in numbered]
    certificate = _certificate(directory, [f"DNS:{name}", *(f"IP:{address}" for address in numbered)])
    with ExitStack() as stack:
        opened = [
            stack.enter_context(_way(place, backend, rtt, certificate, directory))
            for place, rtt in zip(places, latencies, strict=True)
        ]
        named = [replace(way, address=f"{name}:{way.address.rpartition(':')[2]}") if own else way for way in opened]
        yield {way.rtt: way for way in named}


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(gethostbyname(name)).is_loopback
    except OSError:
        return False


@contextmanager
def _way(place: str, backend: str, rtt: float, certificate: Path, directory: Path) -> Iterator[Way]:
    log = directory / f"log-{rtt}.jsonl"
    log.touch()
    told = ("--address", place, "--backend", backend, "--rtt", str(rtt), "--certificate", str(certificate))
    command = (sys.executable, "-m", "bench.proxy", *told, "--log", str(log))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().strip() if process.stdout else ""
        if not address:
            raise SystemExit(f"No proxy can listen at {place}: run as root, or free that port.")
        yield Way(address, rtt, log)
    finally:
        process.terminate()
        process.wait()


def _certificate(directory: Path, names: Sequence[str]) -> Path:
    """Make a certificate for this machine that is its own authority; clients are told to trust it."""
    path = directory / "proxy.pem"
    command = ("openssl", "req", "-x509", "-nodes", "-days", "2")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    about = ("-subj", "/CN=bench", "-addext", f"subjectAltName={','.join(names)}")
    files = ("-keyout", str(directory / "key.pem"), "-out", str(directory / "certificate.pem"))
    subprocess.run((*command, *key, *about, *files), check=True, capture_output=True)
    path.write_text((directory / "key.pem").read_text() + (directory / "certificate.pem").read_text())
    return path


def _await(url: str) -> None:
    for _ in range(100):
        try:
            httpx.get(url, timeout=1)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{url} does not answer")


@dataclass(frozen=True, slots=True)
class Shelf:
    """The images: `base:old`, `base:new` and applications of five and three layers; the same for eight platforms."""

    address: str

    def fill(self) -> None:
        """Put the bases there."""
        for age in ("old", "new"):
            self._put("base", age, _base(age))
            self._put("bases", age, an_index([_base(age, platform) for platform in PLATFORMS]))

    def application(self, repository: str) -> None:
        """Put an application into a repository of its own."""
        self._put(repository, "1", _application())

    def applications(self, repository: str) -> None:
        """Put an application for eight platforms into a repository of its own."""
        self._put(repository, "1", an_index([_application(platform) for platform in PLATFORMS]))

    def _put(self, repository: str, tag: str, image: AnImage | AnIndex) -> None:
        with httpx.Client(base_url=f"http://{self.address}", timeout=30) as client:
            for child in [image] if isinstance(image, AnImage) else image.children:
                assert isinstance(child, AnImage)  # noqa: S101  these indexes hold no others
                for digest, content in child.blobs.items():
                    place = client.post(f"/v2/{repository}/blobs/uploads/").headers["Location"]
                    client.put(httpx.URL(place).copy_add_param("digest", digest), content=content).raise_for_status()
                _manifest(client, repository, child.digest, child)
            _manifest(client, repository, tag, image)


def _manifest(client: httpx.Client, repository: str, name: str, image: AnImage | AnIndex) -> None:
    headers = {"Content-Type": image.media_type}
    client.put(f"/v2/{repository}/manifests/{name}", content=image.content, headers=headers).raise_for_status()


def _base(age: str, platform: str = "linux/amd64") -> AnImage:
    return an_image([a_layer({f"{platform}/{age}/{n}": f"{n}"}) for n in range(5)], env=[f"V={age}"], platform=platform)


def _application(platform: str = "linux/amd64") -> AnImage:
    own = [a_layer({f"{platform}/own/{n}": f"{n}"}) for n in range(3)]
    return an_image([*_base("old", platform).layers, *own], env=["V=old"], platform=platform)
