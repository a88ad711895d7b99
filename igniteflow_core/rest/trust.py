"""The certificate authorities that are trusted."""

import ssl

import httpx

from igniteflow_core.errors import ConfigurationError


def trusted(certificates: str | None) -> ssl.SSLContext:
    """The system's authorities, and those of the file, if there is one.

    Raises:
        ConfigurationError: the file does not exist, or contains no certificates.
    """
    context = httpx.create_ssl_context()
    if certificates:
        try:
            context.load_verify_locations(cafile=certificates)
        except OSError as error:
            raise ConfigurationError(
                f"the certificates cannot be read: {error.strerror or error}",
                where=certificates,
                fix="correct rest.certificates, the path of a PEM file of certificates",
            ) from error
    return context


def distrust_in(error: BaseException) -> str | None:
    """Why a certificate is not trusted, if that is a cause of the error."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, ssl.SSLCertVerificationError):
            return link.verify_message
        link = link.__cause__ or link.__context__
    return None
