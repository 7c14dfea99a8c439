"""Fingerprints follow imports, and only imports."""

from __future__ import annotations

from lib.run.planning.code_digests import Sources


def make(tmp_path, **modules):
    for name, source in modules.items():
        path = tmp_path.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        for parent in path.relative_to(tmp_path).parents:
            if parent.name:
                init = tmp_path / parent / "__init__.py"
                if not init.exists():
                    init.write_text("")
    return Sources(tmp_path)


def test_imports_are_followed_through_modules_packages_and_functions(tmp_path):
    sources = make(
        tmp_path,
        lib__a="from lib.b import c\n",
        lib__b__c="def f():\n    if True:\n        import lib.d\n",
        lib__d="from . import e\nx = 'import lib.unused'\n",
        lib__e="",
        lib__unused="",
    )
    found = sources.of_code(["import pandas as pd\nfrom lib.a import thing\n"])
    assert set(found) == {"lib", "lib.a", "lib.b", "lib.b.c", "lib.d", "lib.e"}


def test_a_string_that_is_the_name_of_a_module_counts_as_an_import(tmp_path):
    sources = make(
        tmp_path,
        lib__a="PROVIDERS = {'b': 'lib.b.c', 'd': \"lib.d\"}\nwords = 'lib.e is not meant'\n",
        lib__b__c="",
        lib__d="",
        lib__e="",
    )
    assert set(sources.of_modules(["lib.a"])) == {"lib", "lib.a", "lib.b", "lib.b.c", "lib.d"}


def test_a_changed_module_changes_only_those_that_reach_it(tmp_path):
    before = make(tmp_path, lib__a="import lib.b\n", lib__b="x = 1\n", lib__c="y = 1\n")
    a, c = before.of_code(["import lib.a"]), before.of_code(["import lib.c"])
    (tmp_path / "lib" / "b.py").write_text("x = 2\n")
    after = Sources(tmp_path, before.cache)
    assert after.of_code(["import lib.a"]) != a
    assert after.of_code(["import lib.c"]) == c


def test_the_pipeline_and_the_tables_stand_in_keys_piece_by_piece(tmp_path):
    sources = make(
        tmp_path, lib__a="import lib.tables\nimport lib.pipeline\n", lib__tables="", lib__pipeline=""
    )
    assert set(sources.of_code(["import lib.a"])) == {"lib", "lib.a"}
