"""Whose certificates are trusted."""

import ssl

import httpx

from igniteflow_core.errors import ConfigurationError


def trusted(certificates: str | None) -> ssl.SSLContext:
    """The usual authorities, and those of the file, if there is one.

    Raises:
        ConfigurationError: the file is not there, or holds no certificates.
    """
    context = httpx.create_ssl_context()
    if certificates:
        try:
            context.load_verify_locations(cafile=certificates)
        except OSError as error:
            raise ConfigurationError(
                f"the certificates cannot be read: {error.strerror or error}",
                where=certificates,
                fix="mend rest.certificates, the path of a file of certificates as PEM",
            ) from error
    return context


def distrust_in(error: BaseException) -> str | None:
    """Why a certificate is not trusted, if that is what the error was raised from."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, ssl.SSLCertVerificationError):
            return link.verify_message
        link = link.__cause__ or link.__context__
    return None
