"""One family of errors, and optional packages that say how they are installed."""

import sys

import pytest

from octet.core import errors


def test_all_errors_for_people_are_of_one_family():
    for error in (errors.InvalidInput, errors.InvalidArtifact, errors.MissingExtra):
        assert issubclass(error, errors.OctetError)
    assert not issubclass(errors.OctetError, (ValueError, OSError))


def test_installed_packages_are_imported():
    assert errors.require("xml.dom.minidom", extra="none").parseString("<a/>").documentElement.tagName == "a"


@pytest.mark.parametrize("module", ["a_package_of_nobody", "a_package_of_nobody.part"])
def test_missing_packages_name_their_extra(module):
    with pytest.raises(errors.MissingExtra, match=rf"needs the package '{module}': run  pip install 'octet\[corpus\]'"):
        errors.require(module, extra="corpus")


def test_what_is_missing_inside_a_package_is_its_own_fault(tmp_path, monkeypatch):
    (tmp_path / "broken_package.py").write_text("import a_package_of_nobody\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="a_package_of_nobody"):
        errors.require("broken_package", extra="corpus")
    assert "broken_package" not in sys.modules
