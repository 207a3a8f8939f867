"""Kansli: the workplace of an office for organised prostate cancer testing (OPT)."""

__version__ = "0.1.0"
