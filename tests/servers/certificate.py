"""A certificate for servers on loopback, and the context that trusts it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers.places import LOOPBACK


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed certificate for ``localhost`` and 127.0.0.1.

    Attributes:
        file: PEM; also the authority to trust.
        key: PEM of its private key, unencrypted.
    """

    file: Path
    key: Path

    def for_server(self) -> ssl.SSLContext:
        """Return what a server presents it with."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.file, self.key)
        return context

    def for_client(self) -> ssl.SSLContext:
        """Return what trusts it and nothing else."""
        return ssl.create_default_context(cafile=str(self.file))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate that the test servers present."""
    return make_certificate(tmp_path_factory.mktemp("certificate"))


MONTH = timedelta(days=30)


def make_certificate(folder: Path, holds_for: timedelta = MONTH) -> Certificate:
    """Write a fresh certificate and its key into the folder.

    Args:
        folder: where both go.
        holds_for: from now on; a negative one has expired.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address(LOOPBACK))]
    # Certificates are checked against the machine's clock, not a test's.
    now = datetime.fromtimestamp(Path(folder).stat().st_mtime, UTC)
    authority = x509.BasicConstraints(ca=True, path_length=0)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - MONTH)
        .not_valid_after(now + holds_for)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(authority, critical=True)
        .sign(key, hashes.SHA256())
    )
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    made.file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return made
