"""With a few appointments everything is measured that `make million` measures with a million."""

import pytest

from tests.filled import fill
from tests.million import measure
from tests.million.mail_server import slow_mail_server


@pytest.mark.any_engine
def test_each_figure_is_measured(transactional_db, database_url, monkeypatch):
    fill(100, providers=2)
    monkeypatch.setenv("DATABASE_URL", database_url)
    for name, value in {"MAILS_SENT": 4, "REPEATED": 1, "LISTS": measure.LISTS[:2]}.items():
        monkeypatch.setattr(measure, name, value)
    with slow_mail_server() as address:
        monkeypatch.setenv("EMAIL_URL", address)
        figures = [figure for measured in measure.ALL for figure in measured()]
    assert [str(figure) for figure in figures if not figure.is_ > 0] == []
    assert len(figures) == 10
