"""`import_users` and `export_users`: what they print, and that they say so when they stop."""

import gzip
import io

import pytest
from django.core.management import CommandError, call_command

from glu_admin.progress import Bar
from glu_admin.workspaces import keys
from tests.factories import EndUserFactory
from users.models import EndUser

pytestmark = pytest.mark.django_db
CSV = "userId,email,attributes.tier,what\nu_1,asha@example.com,gold,x\nu_2,,silver,\n"


@pytest.fixture
def run(workspace):
    def call(*arguments, environment="test"):
        out = io.StringIO()
        call_command(*map(str, arguments), "--environment", environment, stdout=out)
        return out.getvalue()

    return call


def test_people_are_imported_from_a_file(run, tmp_path):
    file = tmp_path / "people.csv.gz"
    file.write_bytes(gzip.compress(CSV.encode()))

    told = run("import_users", file)

    assert told == "Columns passed over: what.\n2 people are new, 0 changed, 0 as before.\n"
    assert EndUser.objects.filter(environment__kind="test").count() == 2


def test_a_dry_run_only_tells(run, tmp_path):
    (tmp_path / "people.csv").write_text(CSV)

    told = run("import_users", tmp_path / "people.csv", "--dry-run", environment="live")

    assert "2 people are new and 0 known. Nothing was written." in told
    assert not EndUser.objects.exists()


def test_bad_lines_stop_the_import_unless_they_are_skipped(run, tmp_path, capsys):
    file = tmp_path / "people.csv"
    file.write_text("userId,isTest\nu_1,perhaps\nu_2,\n")

    with pytest.raises(CommandError, match="--skip-bad"):
        run("import_users", file)
    told = run("import_users", file, "--skip-bad")

    assert "Line 2 can't be used. isTest: isTest must be true or false." in told
    assert "1 people are new" in told


@pytest.mark.parametrize("content", ["email\na\n", ""])
def test_a_file_that_is_none_is_refused_in_words(run, tmp_path, content):
    (tmp_path / "people.csv").write_text(content)

    with pytest.raises(CommandError, match="first line"):
        run("import_users", tmp_path / "people.csv")
    with pytest.raises(CommandError, match="There is no file"):
        run("import_users", tmp_path / "other.csv")


def test_an_export_writes_a_whole_file_or_none(run, workspace, tmp_path):
    EndUserFactory(environment=workspace.environments.get(kind="test"), user_id="u_1")

    told = run("export_users", tmp_path / "people.csv", "--attributes", "tier")
    again = run("export_users", tmp_path / "people.ndjson", "--format", "ndjson", "--since", "2999-01-01")

    assert told == f"1 people are in {tmp_path / 'people.csv'}.\n"
    assert again.startswith("0 people")
    assert (tmp_path / "people.csv").read_text(encoding="utf-8-sig").startswith('"userId"')
    assert sorted(each.name for each in tmp_path.iterdir()) == ["people.csv", "people.ndjson"]


def test_several_workspaces_have_to_be_told_apart(run, tmp_path):
    keys.create_workspace("Second")

    with pytest.raises(CommandError, match="Brewline, Second"):
        run("export_users", tmp_path / "people.csv")
    with pytest.raises(CommandError, match="no one workspace Third"):
        run("export_users", tmp_path / "people.csv", "--workspace", "Third")
    assert run("export_users", tmp_path / "people.csv", "--workspace", "Second").startswith("0 people")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_moves_on_a_terminal_and_speaks_lines_elsewhere():
    terminal, log = Terminal(), io.StringIO()

    for out in (terminal, log):
        bar = Bar(out, "people")
        bar.progress(done=0, keep={"step": "writing"}, total=1000)
        bar.progress(done=500)
        bar.end()

    assert terminal.getvalue() == f"\r\033[Kwriting {'░' * 24} 0 of 1,000 people · 0/s\r\033[K"
    assert log.getvalue() == f"writing {'░' * 24} 0 of 1,000 people · 0/s\n"
