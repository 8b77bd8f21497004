"""Sealing: encryption by a process that cannot decrypt what it has encrypted.

A sealed box of libsodium (X25519 and XSalsa20-Poly1305, https://doc.libsodium.org/public-key_cryptography/sealed_boxes)
is encrypted with a public key and a key pair that is used once and forgotten. Only the private key opens it, and a
changed box does not open. PyNaCl is imported when it is first used: it takes about 15 ms to load.
"""

from collections.abc import Iterable
from typing import NamedTuple

KEY_PATTERN = "[0-9a-f]{64}"
"""Pattern of public and private keys: 32 bytes, in hexadecimal digits."""


class KeyPair(NamedTuple):
    """A public key, which seals, and the private key, which opens."""

    public: str
    private: str


def new_keys() -> KeyPair:
    """Return a random pair of keys."""
    from nacl.public import PrivateKey

    private = PrivateKey.generate()
    return KeyPair(bytes(private.public_key).hex(), bytes(private).hex())


def seal(content: bytes, public_key: str) -> bytes:
    """Encrypt a content of any length. The result is 48 bytes longer."""
    from nacl.public import PublicKey, SealedBox

    return bytes(SealedBox(PublicKey(bytes.fromhex(public_key))).encrypt(content))


def unseal(sealed: bytes, private_keys: Iterable[str]) -> bytes | None:
    """Decrypt with the first of these keys that fits; return None if none of them does, or the box was changed."""
    from nacl.exceptions import CryptoError
    from nacl.public import PrivateKey, SealedBox

    for key in private_keys:
        try:
            return bytes(SealedBox(PrivateKey(bytes.fromhex(key))).decrypt(sealed))
        except CryptoError:
            continue
    return None
