"""The declarative base: one naming convention, so that every constraint has a name on both databases."""

from sqlalchemy import BigInteger, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Key = BigInteger().with_variant(Integer, "sqlite")
"""Internal keys: 64 bits; SQLite numbers rows by itself only for INTEGER."""

Binary = String().with_variant(String(collation="C"), "postgresql")
"""Text compared byte by byte on both databases: numbers and folded names that are searched by their beginning."""


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=CONVENTION)
