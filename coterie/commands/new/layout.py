"""What `coterie new` lays out: each file of the new project, from its template."""

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

PROJECT: Mapping[str, str] = MappingProxyType(
    {
        "README.md": "README.md",
        "pyproject.toml": "pyproject.toml",
        ".gitignore": "gitignore",
        "{name}/__init__.py": "init.py",
        "{name}/model.py": "model.py",
        "{name}/spec.py": "spec.py",
        "{name}/checks.py": "checks.py",
        "tests/test_{name}.py": "test.py",
    }
)
CI: Mapping[str, str] = MappingProxyType(
    {
        ".github/workflows/coterie.yml": "workflow.yml",
        ".pre-commit-config.yaml": "precommit.yaml",
    }
)


def documents(name: str, *, ci: bool = False) -> dict[str, str]:
    """Return the text of each file of the project `name` by its path in it."""
    chosen = {**PROJECT, **(CI if ci else {})}
    return {path.format(name=name): text(file, name) for path, file in chosen.items()}


def text(template: str, name: str) -> str:
    """Return a template's text for a protocol of that name.

    Blocks of a template are written as `<< name >>`, for braces mean something to Python and to
    GitHub.
    """
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415  (only `new` needs it)

    environment = Environment(
        autoescape=False,  # noqa: S701  (what is written is Python, not HTML)
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        variable_start_string="<<",
        variable_end_string=">>",
    )
    source = files("coterie.commands.new").joinpath("templates", f"{template}.jinja")
    return environment.from_string(source.read_text(encoding="utf-8")).render(name=name)
