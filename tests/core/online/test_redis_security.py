"""The access control list and the encryption of a real Redis server."""

import asyncio

import pytest
from cryptography import x509

from igniteflow_core.config.online import OnlineStoreSettings, RedisSettings
from igniteflow_core.errors import OnlineStoreError
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.online.store import EntityKey, StoredState
from tests.certificates import self_signed
from tests.local_server import free_port
from tests.redis_server import redis_server

pytestmark = pytest.mark.integration

CARD = EntityKey("customer", "C1")


def store_at(port, **redis):
    settings = RedisSettings(port=port, timeout=5, **redis)
    return connect_online_store(OnlineStoreSettings(backend="redis", redis=settings))


def test_a_user_of_the_access_control_list_reads_and_writes_its_own_keys(tmp_path):
    rules = "serving on >secret ~igniteflow:* +@read +@write +@scripting +ping"
    with redis_server(tmp_path, "--user", *rules.split(), "--user", "default", "off") as server:
        store = store_at(server.port, username="serving", password="secret")
        store.write({CARD: StoredState(b"x", 1)})
        store.mark_complete(1)
        assert store.read([CARD]).states == [StoredState(b"x", 1)]
        assert store.count("customer") == 1
        store.close()

        with pytest.raises(OnlineStoreError, match="access control list"):
            # pragma: allowlist nextline secret
            store_at(server.port, username="serving", password="wrong").check()
        with pytest.raises(OnlineStoreError, match="Authentication"):
            store_at(server.port).check()


def test_a_password_is_not_shown_with_the_settings():
    # pragma: allowlist nextline secret
    assert "secret" not in RedisSettings(password="secret").model_dump_json()


@pytest.fixture
def certificate(tmp_path):
    """A certificate for localhost, signed by itself; the paths of it and of its key."""
    paths = tmp_path / "server.crt", tmp_path / "server.key"
    for path, content in zip(paths, self_signed(x509.DNSName("localhost")), strict=True):
        path.write_bytes(content)
    return paths


def test_tls_is_spoken_with_both_sides_certificates_verified(tmp_path, certificate):
    crt, key = map(str, certificate)
    port = free_port()
    options = (
        "--port", "0", "--tls-port", str(port), "--tls-cert-file", crt, "--tls-key-file", key,
        "--tls-ca-cert-file", crt,
    )  # fmt: skip
    with redis_server(tmp_path, *options, port=port):
        shown = {"certificate_file": crt, "key_file": key}
        store = store_at(port, tls=True, ca_file=crt, **shown)
        store.write({CARD: StoredState(b"x", 1)})
        assert store.read([CARD]).states == [StoredState(b"x", 1)]
        assert asyncio.run(store.read_async([CARD])).states == [StoredState(b"x", 1)]
        store.close()

        for wrong in ({"tls": True, **shown}, {"tls": True, "ca_file": crt}, {"tls": False}):
            with pytest.raises(OnlineStoreError):
                store_at(port, **wrong).check()
