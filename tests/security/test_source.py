"""What no line of ours may call: shells, code made of text, objects made of bytes, broken digests, other hosts past the one door."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.tree import SOURCE, modules, name_of, parsed

DANGEROUS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput",
    "pickle.load", "pickle.loads", "pickle.Unpickler", "marshal.load", "marshal.loads", "shelve.open",
    "yaml.load", "yaml.unsafe_load", "yaml.full_load", "tempfile.mktemp",
}  # fmt: skip
BROKEN = {"hashlib.md5", "hashlib.sha1", "hashlib.new", "hashes.MD5", "hashes.SHA1"}
ASKING = {"requests", "httpx", "urllib3", "aiohttp", "http.client", "urllib.request", "ftplib", "telnetlib"}
# The ways out: the door itself; and what the operator names, each by its own library.
DOORS = ("core/fetch/", "core/doctor.py")

# Statements that take no bound values, made of names that the database or the models gave.
MADE_OF_NAMES = {
    "core/audit_pruning.py": "names of triggers, as the catalogue has them",
    "transfer/archive/rows.py": "names of tables and constraints, as the catalogue has them",
    "transfer/services/keeping/snapshots.py": "names of tables, as the catalogue has them",
    "transfer/services/own_data.py": "no question: the name of a file in an archive",
}


def called(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def is_by_shell(call: ast.Call) -> bool:
    return any(each.arg == "shell" and not (isinstance(each.value, ast.Constant) and each.value.value is False) for each in call.keywords)


def is_safe_yaml(call: ast.Call) -> bool:
    """By a loader of the module's own, whose base is the safe one."""
    return [ast.unparse(each) for each in call.args[1:]] == ["_Loader"]


def dangers(tree: ast.Module) -> list[str]:
    bases = [
        ast.unparse(base) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == "_Loader" for base in node.bases
    ]
    is_safe = bool(bases) and all("SafeLoader" in base for base in bases)
    found = [(name, call) for name, call in called(tree) if name in DANGEROUS or is_by_shell(call)]
    return [name for name, call in found if not (name == "yaml.load" and is_safe and is_safe_yaml(call))]


def questions_of_text(tree: ast.Module) -> list[int]:
    """Lines on which SQL is put together of anything but constants of the house's own."""
    loose = []
    for name, call in called(tree):
        if (
            name.rpartition(".")[2] in ("text", "execute", "exec_driver_sql")
            and call.args
            and isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
        ):
            parts = [part for part in ast.walk(call.args[0]) if isinstance(part, ast.Name | ast.Attribute | ast.Call | ast.Subscript)]
            loose += [call.lineno] if not all(ast.unparse(part).isupper() or ast.unparse(part) == "pragma" for part in parts) else []
    return loose


def imports(tree: ast.Module) -> set[str]:
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return found | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_nothing_dangerous_is_called():
    assert {name_of(path): found for path in modules() if (found := dangers(parsed(path)))} == {}


def test_no_question_to_the_database_is_put_together_from_text():
    loose = {path.relative_to(SOURCE).as_posix() for path in modules() if questions_of_text(parsed(path))}
    assert loose == set(MADE_OF_NAMES)


def test_only_sound_digests_are_used():
    found = {name_of(path): [name for name, _call in called(parsed(path)) if name in BROKEN] for path in modules()}
    assert {path: names for path, names in found.items() if names} == {}


def test_other_hosts_are_asked_through_one_door():
    loose = {path.relative_to(SOURCE).as_posix(): imports(parsed(path)) & ASKING for path in modules()}
    assert {path: names for path, names in loose.items() if names and not path.startswith(DOORS)} == {}


@pytest.mark.parametrize(
    "text", ["eval(x)", "os.system('ls')", "subprocess.run(x, shell=True)", "pickle.loads(x)", "yaml.load(x)", "run(x, shell=is_so)"]
)
def test_a_planted_danger_is_found(text: str):
    assert dangers(ast.parse(text))


def test_a_planted_question_is_found():
    assert questions_of_text(ast.parse("session.execute(text(f'SELECT {request.args[0]}'))"))
    assert not questions_of_text(ast.parse("session.execute(text(f'SELECT {COLUMNS} FROM post'))"))
