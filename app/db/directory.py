"""The table of who is who."""

from datetime import date

from sqlalchemy import Date
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables import Table


class DirectoryRow(Table):
    """One account's person, see ``app.directory.types.Person``. Replaced as a whole by the next import."""

    __tablename__ = "directory"
    gateway: Mapped[str] = mapped_column(primary_key=True)
    sender: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    unit: Mapped[str]
    kind: Mapped[str]
    clearance: Mapped[str]
    signed_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    responsible: Mapped[str]
