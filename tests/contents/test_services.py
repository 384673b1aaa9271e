import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.services import EnabledService, enabled_service_of


@pytest.mark.parametrize(
    ("path", "service"),
    [
        (
            "etc/systemd/system/multi-user.target.wants/nginx.service",
            EnabledService("systemd", "multi-user.target", "nginx.service"),
        ),
        (
            "usr/lib/systemd/system/sockets.target.requires/dbus.socket",
            EnabledService("systemd", "sockets.target", "dbus.socket"),
        ),
        (
            "etc/s6-overlay/s6-rc.d/user/contents.d/nginx",
            EnabledService("s6-overlay-3", "user", "nginx"),
        ),
        (
            "package/admin/s6-overlay-3.1.6.2/etc/s6-rc/sources/s6-rc.d/top/contents.d/user",
            EnabledService("s6-overlay-3", "top", "user"),
        ),
        ("etc/services.d/nginx/run", EnabledService("s6-overlay-2", "services.d", "nginx")),
        ("etc/cont-init.d/10-adduser", EnabledService("s6-overlay-2", "cont-init.d", "10-adduser")),
        ("etc/systemd/system/nginx.service", None),
        ("etc/systemd/system/multi-user.target.wants", None),
        ("etc/s6-overlay/s6-rc.d/nginx/run", None),
        ("etc/services.d/nginx/log/run", None),
        ("", None),
    ],
)
def test_where_services_are_enabled(path: str, service: EnabledService | None) -> None:
    assert enabled_service_of(path) == service


pieces = st.sampled_from(["etc", "systemd", "system", "a.wants", "s6-overlay", "s6-rc.d", "contents.d", "run"])


@given(st.text() | st.lists(pieces, max_size=8).map("/".join))
def test_any_path_has_an_answer(path: str) -> None:
    service = enabled_service_of(path)
    assert service is None or path.endswith((service.name, "/run"))
