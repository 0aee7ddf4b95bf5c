"""The words of players' pages and their translations: found in the sources, kept in campaigns/locale.

`python -m tests.translations` brings the .po files up to date with the sources and compiles them;
tests ask the same functions whether that was done.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeGuard

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from campaigns.look import LANGUAGES

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "campaigns" / "locale"
TEMPLATES = ("templates/player/**/*.html", "campaigns/types/*/templates/**/*.html")
PAGES = ("campaigns/pages/*.py", "campaigns/templatetags/*.py")
RULES = "campaigns/types/*/*.py"
LABELS = {"campaigns/look.py": "LINKS"}  # texts of a mapping that pages translate
KEYWORDS = {"gettext": None, "_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
SHIPPED = [code for code in LANGUAGES if (LOCALE / code).is_dir()]  # a new one begins as an empty folder
SPOKEN = re.compile(r"[A-Z]|%\(")  # and not the name of something
PLACES = re.compile(r"%\(\w+\)[sd]|%%")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
Message = str | tuple[str, ...]


def messages() -> dict[Message, set[str]]:
    """Every text that a page may show, with the files that it stands in."""
    found: dict[Message, set[str]] = {}
    for message, path in [*_of_templates(), *_of_pages(), *_of_rules(), *_of_labels()]:
        if _says_something(message):
            found.setdefault(message, set()).add(str(path.relative_to(ROOT)))
    return found


def _says_something(message: Message) -> bool:
    """Whether there is more than places for values, which need no translation."""
    return any(letter.isalpha() for letter in PLACES.sub("", "".join(message)))


def folder(code: str) -> Path:
    return LOCALE / code / "LC_MESSAGES"


def translated(code: str) -> Catalog:
    """The catalogue of a language as it is kept; an empty one before it was begun."""
    path = folder(code) / "django.po"
    if not path.exists():
        return _blank(code)
    with path.open("rb") as file:
        return read_po(file, locale=code)


def _blank(code: str) -> Catalog:
    """Without a date of its making: the same texts make the same file."""
    comment = "# The words of players' pages. `python -m tests.translations` keeps this file up to date."
    return Catalog(locale=code, header_comment=comment, creation_date=EPOCH, revision_date=EPOCH, fuzzy=False)


def collected(code: str) -> Catalog:
    """The same, with exactly the texts of today's sources."""
    known, made = translated(code), _blank(code)
    for message, paths in sorted(messages().items(), key=lambda each: (sorted(each[1])[0], str(each[0]))):
        before = known.get(message[0] if isinstance(message, tuple) else message)
        text = before.string if before is not None and _fits(message, before.string) else None
        made.add(message, text, locations=[(path, 1) for path in sorted(paths)])
    return made


def compiled(catalog: Catalog) -> bytes:
    made = io.BytesIO()
    write_mo(made, catalog)
    return made.getvalue()


def update() -> None:
    """Write the .po and .mo files anew."""
    for code in SHIPPED:
        catalog = collected(code)
        folder(code).mkdir(parents=True, exist_ok=True)
        with (folder(code) / "django.po").open("wb") as file:
            write_po(file, catalog, width=100, omit_header=False, include_lineno=False)
        (folder(code) / "django.mo").write_bytes(compiled(catalog))
        missing = sum(1 for each in catalog if each.id and not _is_whole(each.string))
        sys.stdout.write(f"{code}: {len(catalog)} texts, {missing} not translated yet\n")


def _fits(message: Message, string: object) -> bool:
    return isinstance(string, tuple | list) == isinstance(message, tuple) and _is_whole(string)


def _is_whole(string: object) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


def _of_templates() -> Iterator[tuple[Message, Path]]:
    for path in _files(*TEMPLATES):
        source = io.BytesIO(templatize(path.read_text(), origin=str(path)).encode())
        for _, message, _, _ in extract("python", source, keywords=KEYWORDS):
            yield message, path


def _of_pages() -> Iterator[tuple[Message, Path]]:
    for path in _files(*PAGES):
        with path.open("rb") as file:
            for _, message, _, _ in extract("python", file, keywords=KEYWORDS):
                yield message, path


def _of_rules() -> Iterator[tuple[Message, Path]]:
    """Rules speak plain English, and their pages translate it: headlines, verbs and buttons."""
    for path in _files(RULES, "campaigns/types/*.py"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if _is_plural(node):
                yield tuple(map(ast.literal_eval, node.args)), path
            for part in _spoken(node):
                for text in _texts(part, tree):
                    yield text, path


def _spoken(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.Call(func=ast.Name(id="Headline"), args=[*parts]):
            return parts[:2]
        case ast.Call(func=ast.Name(id="Occasion"), args=[_, words, *_]):
            return [words]
        case ast.Assign(targets=[ast.Name(id="verb")], value=value):
            return [value]
        case ast.FunctionDef(name="button"):
            return [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value]
    return []


def _texts(node: ast.AST, tree: ast.AST) -> Iterator[str]:
    """The texts that an expression may stand for, also by the name of a variable or a mapping."""
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    named = [each.value for each in ast.walk(tree) if isinstance(each, ast.Assign) and _targets(each) & names]
    for each in (part for whole in (node, *named) for part in _but_plurals(whole)):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and SPOKEN.match(each.value):
            yield each.value


def _is_plural(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Plural"


def _but_plurals(node: ast.AST) -> Iterator[ast.AST]:
    """All parts of an expression but those that go with a number, which are no texts by themselves."""
    if not _is_plural(node):
        yield node
        for child in ast.iter_child_nodes(node):
            yield from _but_plurals(child)


def _targets(node: ast.Assign) -> set[str]:
    return {each.id for target in node.targets for each in ast.walk(target) if isinstance(each, ast.Name)}


def _of_labels() -> Iterator[tuple[Message, Path]]:
    for name, variable in LABELS.items():
        path = ROOT / name
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Assign)
                and variable in _targets(node)
                and isinstance(node.value, ast.Dict)
            ):
                for value in node.value.values:
                    yield ast.literal_eval(value), path


def _files(*patterns: str) -> list[Path]:
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern))


if __name__ == "__main__":
    update()
