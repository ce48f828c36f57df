"""How Sphinx makes the site: strictly, without the network, and from what the checker runs."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

project = "coterie"
author = "the authors of coterie"
version = release = version_of("coterie")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "chapters",
    "commands",
    "docstrings",
    "figures",
    "reachable",
    "sources",
]
exclude_patterns = ["_build", "examples", "evidence"]
nitpicky = True
nitpick_ignore_regex = [(r"py:.*", r".*")]  # types are not linked: most are of other packages
myst_enable_extensions = ["attrs_block", "colon_fence", "deflist"]
myst_heading_anchors = 4
myst_url_schemes = {
    "http": None,
    "https": None,
    "source": "../source/{{path}}.html#{{fragment}}",
}
default_role = "code"  # docstrings write `x` for code

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = "coterie"
html_favicon = "_static/icon.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_search_summary = False  # it would fetch pages, which a browser refuses to do from a disk
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}
