"""Exports of comment platforms to discussions: every format of `formats.toml`, streaming, without e-mails and IPs."""

from data.exports.reading import read_export, sniff_export

__all__ = ["read_export", "sniff_export"]
