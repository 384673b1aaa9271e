"""Certificates: an authority of the application's own beside those of the base."""

from tests.images.pairs.ingredients import Certificates
from tests.images.pairs.model import Pair, Truth, shell, starts

_ASK = """\
import ssl, socket, threading
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain("/opt/certificates/server.crt", "/opt/certificates/server.key")
listening = socket.create_server(("127.0.0.1", 8443))
def serve():
    connection, _ = listening.accept()
    with server.wrap_socket(connection, server_side=True) as wrapped:
        wrapped.sendall(b"hello")
threading.Thread(target=serve, daemon=True).start()
client = ssl.create_default_context()
assert client.cert_store_stats()["x509_ca"] > 100
with socket.create_connection(("127.0.0.1", 8443)) as connection:
    with client.wrap_socket(connection, server_hostname="localhost") as wrapped:
        print(wrapped.recv(5).decode())
"""
_SYSTEM = """\
import ssl
context = ssl.create_default_context(cafile="/etc/ssl/certs/ca-certificates.crt")
print(context.cert_store_stats()["x509_ca"] > 100)
"""
_UPDATED = """\
ARG BASE
FROM ${BASE}
COPY certificates /opt/certificates/
COPY ask.py /opt/ask.py
RUN cp /opt/certificates/own.crt /usr/local/share/ca-certificates/own.crt && update-ca-certificates
CMD ["python3", "/opt/ask.py"]
"""
_BESIDE = """\
ARG BASE
FROM ${BASE}
COPY certificates /opt/certificates/
COPY ask.py /opt/ask.py
ENV SSL_CERT_FILE=/opt/certificates/own.crt
CMD ["sh", "-c", "sed -i 's/^assert.*//' /opt/ask.py && python3 /opt/ask.py"]
"""
_CURL = """\
ARG BASE
FROM ${BASE}
COPY certificates /opt/certificates/
RUN cat /opt/certificates/own.crt >> /etc/ssl/certs/ca-certificates.crt
"""
_SERVE = """\
openssl s_server -quiet -www -cert /opt/certificates/server.crt -key /opt/certificates/server.key -accept 8443 &
for i in 1 2 3 4 5 6 7 8 9; do sleep 0.3; curl -sf -o /tmp/page https://localhost:8443/ && break; done
grep -c 's_server' /tmp/page > /dev/null && echo served
"""
_PYTHON = ("python-bookworm", "python-updated")
_NEXT = ("python-bookworm", "python-trixie")
_OWN = (Certificates(),)
_PLAIN = 'ARG BASE\nFROM ${BASE}\nCOPY ask.py /opt/ask.py\nCMD ["python3", "/opt/ask.py"]\n'

PAIRS = (
    Pair(
        "certificates/own-authority-refreshed",
        *_PYTHON,
        Truth.STALE,
        (starts(prints="hello"),),
        _UPDATED,
        {"ask.py": _ASK},
        _OWN,
    ),
    Pair(
        "certificates/own-authority-upgraded",
        *_NEXT,
        Truth.STALE,
        (starts(prints="hello"),),
        _UPDATED,
        {"ask.py": _ASK},
        _OWN,
    ),
    Pair(
        "certificates/own-authority-without-key-usage",
        *_NEXT,
        Truth.BREAKS,
        (starts(prints="hello"),),
        _UPDATED,
        {"ask.py": _ASK},
        (Certificates(key_usage=False),),
    ),
    Pair(
        "certificates/own-authority-beside",
        *_NEXT,
        Truth.WORKS,
        (starts(prints="hello"),),
        _BESIDE,
        {"ask.py": _ASK},
        _OWN,
    ),
    Pair(
        "certificates/appended-to-the-bundle", *_PYTHON, Truth.STALE, (shell(_SERVE, prints="served"),), _CURL, {}, _OWN
    ),
    Pair("certificates/those-of-the-base", *_NEXT, Truth.WORKS, (starts(prints="True"),), _PLAIN, {"ask.py": _SYSTEM}),
)
