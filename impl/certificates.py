"""What certificates of coterie say: which key is that of which node, and who says so."""

from datetime import UTC, datetime, timedelta

from attrs import frozen
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from coterie.model.machine import Node

LONGEST_NAME = 63
_LIFETIME, _CLOCK_SKEW = timedelta(days=3650), timedelta(days=1)


@frozen
class Pair:
    """A key and the certificate that goes with it."""

    key: Ed25519PrivateKey
    certificate: x509.Certificate


def of_authority(key: Ed25519PrivateKey) -> x509.Certificate:
    """Return a certificate in which a key signs itself; the same key gives the same name again."""
    name = f"coterie authority {_identifier(key).digest.hex()[:16]}"
    draft = _draft(name, name, key).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    draft = draft.add_extension(_usage(signs_certificates=True), critical=True)
    draft = draft.add_extension(_identifier(key), critical=False)
    return draft.sign(key, None)


def of_node(node: Node, key: Ed25519PrivateKey, authority: Pair) -> x509.Certificate:
    """Return a certificate in which the authority says that `key` is that of `node`."""
    issuer = authority.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    draft = _draft(str(node), str(issuer[0].value), key)
    for extension, critical in (
        (x509.SubjectAlternativeName([x509.DNSName(str(node))]), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(signs_certificates=False), True),
        (x509.ExtendedKeyUsage(both), False),
        (_identifier(key), False),
        (signer, False),
    ):
        draft = draft.add_extension(extension, critical=critical)
    return draft.sign(authority.key, None)


def _draft(name: str, issuer: str, key: Ed25519PrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        subject_name=_common_name(name),
        issuer_name=_common_name(issuer),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - _CLOCK_SKEW,
        not_valid_after=now + _LIFETIME,
    )


def _common_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _identifier(key: Ed25519PrivateKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
