"""One family of errors, and optional packages that say how they are installed."""

import ast
import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

import octet
from octet.core import errors


def test_all_errors_for_people_are_of_one_family():
    for error in (errors.InvalidInput, errors.InvalidArtifact, errors.MissingExtra):
        assert issubclass(error, errors.OctetError)
    assert not issubclass(errors.OctetError, (ValueError, OSError))


def test_installed_packages_are_imported():
    assert errors.require("xml.dom.minidom", extra="corpus").parseString("<a/>").documentElement.tagName == "a"


@pytest.mark.parametrize("module", ["a_package_of_nobody", "a_package_of_nobody.part"])
def test_missing_packages_name_their_extra(module):
    with pytest.raises(errors.MissingExtra, match=rf"needs the package '{module}': run  pip install 'octet\[corpus\]'"):
        errors.require(module, extra="corpus")


def test_a_missing_package_of_the_base_install_asks_for_octet_itself():
    with pytest.raises(errors.MissingExtra, match=r"needs the package 'a_package_of_nobody': run  pip install octet$"):
        errors.require("a_package_of_nobody", extra=None)


def requirements():
    """Every `require("module", extra=...)` of the package: the module's first part and the extra."""
    for file in sorted(Path(octet.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "require"
            for extra in [word.value for word in node.keywords if word.arg == "extra"] if called else []:
                (module,) = node.args
                yield pytest.param(module.value.split(".")[0], extra.value, id=f"{file.stem}-{module.value}")


def brought_by(extra):
    """The distributions, in lower case, that Octet's base install or one of its extras asks for."""
    marked = [line.partition(";") for line in metadata.requires("octet")]
    wanted = [
        line for line, _, marker in marked if (f"extra == '{extra}'" in marker if extra else "extra" not in marker)
    ]
    return {re.match(r"[\w.-]+", line)[0].lower() for line in wanted}


@pytest.mark.parametrize(("module", "extra"), list(requirements()))
def test_what_a_message_tells_to_install_brings_the_package(module, extra):
    if extra is not None:
        assert extra in metadata.metadata("octet").get_all("Provides-Extra")
    providers = {name.lower() for name in metadata.packages_distributions()[module]}
    assert providers & (brought_by(extra) | brought_by(None))


def test_what_is_missing_inside_a_package_is_its_own_fault(tmp_path, monkeypatch):
    (tmp_path / "broken_package.py").write_text("import a_package_of_nobody\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="a_package_of_nobody"):
        errors.require("broken_package", extra="corpus")
    assert "broken_package" not in sys.modules
